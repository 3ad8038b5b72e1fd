/** Lines of code with their numbers, of which only those in view are drawn. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import type { SourceLine } from "@/data/environment/source-lines";
import { formatCount } from "@/data/text/format";

const LINE_PX = 18;
/** A browser can't scroll much farther. */
const MOST_LINES = 1_000_000;

interface SourceLinesViewProps {
  readonly label: string;
  readonly lines: readonly SourceLine[];
  /** The line to begin at; another one scrolls there. */
  readonly at?: number;
}

export function SourceLinesView({ label, lines, at = 0 }: SourceLinesViewProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: Math.min(lines.length, MOST_LINES),
    getScrollElement: () => scroll.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  const longest = useMemo(() => lines.reduce((most, { text }) => Math.max(most, text.length), 0), [lines]);
  const hasNumbers = useMemo(() => lines.some(({ number }) => number !== null), [lines]);
  useEffect(() => list.scrollToIndex(at, { align: "start" }), [at, list]);
  return (
    <>
      <div
        className={`source ${hasNumbers ? "" : "bare"}`}
        ref={scroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        tabIndex={0}
        role="group"
        aria-label={label}
      >
        <div style={{ height: list.getTotalSize(), minWidth: `calc(${longest}ch + 72px)` }}>
          {list.getVirtualItems().map(({ index, start }) => {
            const { text, kind, number } = lines[index]!;
            return (
              <div key={index} className={`line ${kind}`} style={{ transform: `translateY(${start}px)` }}>
                {hasNumbers && <span className="no">{number}</span>}
                <code>{text}</code>
              </div>
            );
          })}
        </div>
      </div>
      {lines.length > MOST_LINES && (
        <p className="meta">
          The first {formatCount(MOST_LINES)} of {formatCount(lines.length)} lines; the download has all.
        </p>
      )}
    </>
  );
}
