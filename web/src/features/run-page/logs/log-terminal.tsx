/** The lines, of which only those in view are drawn. It stays at the end until a person scrolls up. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { LineSelection, LogSearch } from "@/api/files/logs";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { useShownRun } from "../shown-run";
import { LineDetails } from "./line-details";
import { lineTime } from "./line-time";
import { LogLineView } from "./log-line";
import type { LogSource } from "./log-sources";
import type { LogUrl } from "./log-url";
import { type LogMatches, useLogLines } from "./use-log-lines";

const LINE_PX = 18;
const OVERSCAN = 12;
/** So near to the end counts as there. */
const END_PX = 6;
/** Events of someone who scrolls. */
const SCROLLS = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

interface LogTerminalProps {
  readonly url: LogUrl;
  /** Its matches are marked. */
  readonly search: LogSearch;
  readonly selection: LineSelection;
  /** Those whose names stand before their lines; empty: of one process only. */
  readonly sources: readonly LogSource[];
  /** Where the search finds something. */
  readonly positions: readonly number[] | null;
  /** The found lines, if only they are shown. */
  readonly matches: LogMatches | null;
  change(change: Partial<LogUrl>): void;
  /** The first line in view. */
  onSeen(position: number): void;
}

export function LogTerminal(props: LogTerminalProps) {
  const { url, search, selection, sources, positions, matches, change, onSeen } = props;
  const { project, run } = useShownRun();
  const scroller = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const [isFollowing, setFollowing] = useState(url.line === null);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const lines = useLogLines(project, run.id, selection, matches, range.first, range.last);
  const total = lines.total ?? 0;
  const virtual = useVirtualizer({
    count: lines.n,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: OVERSCAN,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const seen = lines.positionAt(first);
  useEffect(() => setRange({ first, last }), [first, last]);
  useEffect(() => onSeen(seen), [seen, onSeen]);

  const height = virtual.getTotalSize();
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!isFollowing || height === 0 || !element) return;
    const toEnd = () => {
      element.scrollTop = element.scrollHeight;
    };
    toEnd();
    // the tools above it take a second row when the page becomes narrow
    const sizes = new ResizeObserver(toEnd);
    sizes.observe(element);
    return () => sizes.disconnect();
  }, [isFollowing, height]);

  const { line } = url;
  const hasLines = lines.n > 0;
  const chosenRow = line === null || !hasLines ? null : lines.rowOf(line);
  useLayoutEffect(() => {
    const element = scroller.current;
    if (chosenRow === null || !element) return;
    setFollowing(false);
    virtual.scrollToIndex(chosenRow, { align: "center" });
    // the values of the line come later and take room, until someone scrolls
    const sizes = new ResizeObserver(() => virtual.scrollToIndex(chosenRow, { align: "auto" }));
    sizes.observe(element);
    const release = () => sizes.disconnect();
    for (const kind of SCROLLS) element.addEventListener(kind, release, { passive: true });
    return () => {
      release();
      for (const kind of SCROLLS) element.removeEventListener(kind, release);
    };
  }, [chosenRow, virtual]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines have another height then
  useLayoutEffect(() => virtual.measure(), [url.wraps, virtual]);

  const pattern = useMemo(() => patternOf(search), [search]);
  const names = useMemo(
    () => new Map(sources.flatMap(({ label, writers }) => writers.map((writer) => [writer, label] as const))),
    [sources],
  );
  const hasNames = sources.length > 1;
  const isLive = run.state === "running";
  const isWhole = height <= (virtual.scrollRect?.height ?? 0);

  return (
    <div className="log-frame">
      <div
        ref={scroller}
        className={`log-term ${url.wraps ? "wraps" : ""}`}
        role="log"
        aria-label="Console output"
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled by keys
        tabIndex={0}
        onWheel={(event) => {
          if (event.deltaY < 0) setFollowing(false);
        }}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          const isAtEnd = scrollTop + clientHeight >= scrollHeight - END_PX;
          if (isAtEnd !== isFollowing && (isAtEnd || scrollTop < lastTop.current)) setFollowing(isAtEnd);
          lastTop.current = scrollTop;
        }}
      >
        {lines.error && total === 0 && (
          <Fault title="The output could not be read" error={lines.error} onRetry={lines.retry} />
        )}
        {lines.total === 0 && <EmptyState title="No lines of this process and stream" />}
        {matches?.positions?.length === 0 && total > 0 && <EmptyState title="No line matches" />}
        <div className="log-all" style={{ height }}>
          {items.map(({ index, start }) => {
            const position = lines.positionAt(index);
            const shown = lines.at(position);
            return (
              <div
                key={index}
                data-index={index}
                ref={url.wraps ? virtual.measureElement : undefined}
                className="log-row"
                style={{ transform: `translateY(${start}px)` }}
              >
                <LogLineView
                  position={position}
                  line={shown}
                  time={url.times === "off" ? null : shown ? lineTime(shown, url.times, run) : ""}
                  source={hasNames ? (shown ? (names.get(shown.writer) ?? "") : "") : null}
                  isChosen={position === line}
                  pattern={pattern}
                  onChoose={(chosen) => change({ line: chosen === line ? null : chosen })}
                />
              </div>
            );
          })}
        </div>
      </div>
      {line !== null && lines.at(line) && (
        <LineDetails
          position={line}
          line={lines.at(line)!}
          onAround={matches && (() => change({ onlyMatches: false }))}
          onClose={() => change({ line: null })}
        />
      )}
      {!matches && <HitMap positions={positions} total={total} />}
      <div className="log-foot">
        <span className="tn">
          {matches
            ? `${matches.isComplete ? "" : "the first "}${formatCount(lines.n)} of ${formatNoun(total, "line")}`
            : formatNoun(total, "line")}
        </span>
        {!isFollowing && hasLines && (isLive || !isWhole) && (
          <Button
            look="ink"
            icon="down"
            isSmall
            onClick={() => {
              change({ line: null });
              setFollowing(true);
            }}
          >
            {isLive ? "Follow" : "To the end"}
          </Button>
        )}
        {isFollowing && isLive && <span className="log-live">following</span>}
      </div>
    </div>
  );
}

const MOST_TICKS = 400;

/** Where matches are in the whole log, unless they are everywhere. */
function HitMap({ positions, total }: { positions: readonly number[] | null; total: number }) {
  if (!positions?.length || positions.length > MOST_TICKS || total === 0) return null;
  const ticks = new Set(positions.map((position) => Math.floor((position / total) * MOST_TICKS)));
  return (
    <div className="log-map" aria-hidden="true" title={`${formatCount(positions.length)} matches`}>
      {[...ticks].map((tick) => (
        <i key={tick} style={{ top: `${(tick / MOST_TICKS) * 100}%` }} />
      ))}
    </div>
  );
}

/**
 * Pattern marked in the lines. The server searches with another engine: a pattern that only it knows marks nothing.
 */
function patternOf({ text, isRegex }: LogSearch): RegExp | null {
  if (!text) return null;
  try {
    return isRegex ? new RegExp(text, "gu") : new RegExp(text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&"), "gi");
  } catch {
    return null;
  }
}
