/** The cells of a media panel: one for each item, or a heading for each run where runs have several. */

import { type CSSProperties, type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import type { MediaItem } from "@/api/files/media";
import { stepText } from "@/data/media/steps";
import { mediaKind } from "@/data/metrics/object-kinds";
import { formatCount } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { useRoom } from "../../frame/use-room";
import type { PanelRun } from "../../panel-props";
import { playByKey, videosIn } from "../kinds/videos";
import type { MediaOptions } from "../options";
import { MediaCell } from "./media-cell";
import { acrossOf, columnsFor, scrolledPx } from "./media-columns";
import type { MediaGroup, MediaSpot } from "./media-groups";

interface MediaGridProps {
  readonly groups: readonly MediaGroup[];
  /** Of the panel. */
  readonly step: number | null;
  readonly options: MediaOptions;
  readonly hasManyKeys: boolean;
  onOpen(spot: MediaSpot): void;
  /** To another step, by so many. */
  onMove(by: number): void;
  /** More of each list. */
  onItems(): void;
}

/** Taller or wider images are shown smaller, in a box of this shape. */
const RATIOS = [0.6, 2] as const;
/** Of a name and a caption, where cells are narrower. */
const CAPTION_WIDTH_PX = 240;
/** Where nothing has one of its own, and cells scroll. */
export const RATIO = 4 / 3;

export function MediaGrid(props: MediaGridProps) {
  const { groups, step, options, hasManyKeys, onOpen, onMove, onItems } = props;
  const names = useMemo(() => groups.map(({ run }) => run.name), [groups]);
  const first = groups.find(({ items }) => items.length > 0)?.items[0];
  const least = Math.max(options.size, mediaKind(first?.kind ?? "")?.minWidthPx ?? 0);
  const ownRatio = useMemo(() => ratioOfAll(groups), [groups]);
  const hasHeads = hasManyKeys || groups.some(({ nItems }) => nItems > 1);
  const ref = useRef<HTMLDivElement>(null);
  const room = useRoom(ref);
  useEffect(() => leaveWheelToPage(ref.current), []);
  const counts = groups.map(({ items }) => Math.max(1, Math.min(items.length, options.nItems)));
  const blocks = {
    counts: hasHeads ? counts : [counts.reduce((sum, count) => sum + count, 0)],
    hasHeads,
    nLines: (hasHeads ? 0 : 1) + (groups.some(({ items }) => items.some(({ caption }) => caption)) ? 1 : 0),
  };
  // rather a little smaller than half of them out of sight, as far as their names have room
  const smallest = blocks.nLines > 1 ? Math.round(least * 0.8) : least;
  const columns = first?.kind === "audio" ? null : columnsFor(room, blocks, ownRatio ?? RATIOS[1], smallest);
  // figures, pages and scenes take what room there is
  const ratio = ownRatio ?? (columns ? within(columns.width / columns.height) : RATIO);
  const onKeyDown = (event: KeyboardEvent) => {
    // the button of one video has a space bar of its own
    const isInner = event.target !== event.currentTarget;
    if (!(isInner && event.key === " ") && playByKey(videosIn(event.currentTarget), event.key)) {
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (isInner) return;
    const by = event.key === "ArrowLeft" ? -1 : event.key === "ArrowRight" ? 1 : 0;
    if (by === 0) return;
    // in full screen the page's arrows go to other panels
    event.stopPropagation();
    event.preventDefault();
    onMove(by);
  };
  const cellsOf = (group: MediaGroup, nth: number) => {
    if (group.items.length === 0)
      return (
        <MissingCell
          key={`${group.run.id} ${group.key}`}
          group={group}
          hasName={!hasHeads}
          step={step}
          ratio={ratio}
        />
      );
    return group.items.slice(0, options.nItems).map((item, i) => (
      <MediaCell
        // an item of the next step takes the place of this one, so that the image changes without a gap
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        key={`${group.run.id} ${group.key} ${i}`}
        item={item}
        run={group.run}
        hasName={!hasHeads}
        note={!hasHeads ? lateNote(group, step) : ""}
        ratio={ratio}
        options={options}
        onOpen={() => onOpen({ group: nth, item: i })}
      />
    ));
  };
  // a caption may be wider than what it is of
  const across = columns && blocks.nLines > 1 ? Math.min(CAPTION_WIDTH_PX, acrossOf(room, columns.n)) : 0;
  const tracks = columns
    ? `repeat(${columns.n}, minmax(0, ${Math.max(columns.width, across)}px))`
    : `repeat(auto-fill, minmax(min(100%, ${hasHeads ? scrolledPx(room, counts, least) : least}px), 1fr))`;
  const style = { gridTemplateColumns: tracks, "--box-px": columns ? `${columns.width}px` : "none" };
  return (
    <div
      ref={ref}
      role="group"
      className="media-grid"
      aria-label="Media; left and right go to other steps"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and its arrows go through the steps
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <NamesBeside names={names}>
        {hasHeads ? (
          groups.map((group, nth) => (
            <div
              key={`${group.run.id} ${group.key}`}
              role="group"
              className="media-group"
              aria-label={group.run.name}
            >
              <header>
                <RunName run={group.run} />
                {hasManyKeys && <MidName name={group.key} className="muted" />}
                <span className="grow" />
                <span className="muted tn">{lateNote(group, step)}</span>
                {group.nItems > options.nItems && (
                  <button type="button" className="btn q sm" onClick={onItems}>
                    {formatCount(options.nItems)} of {formatCount(group.nItems)}, show more
                  </button>
                )}
              </header>
              <div className="media-cells" style={style as CSSProperties}>
                {cellsOf(group, nth)}
              </div>
            </div>
          ))
        ) : (
          <div className="media-cells" style={style as CSSProperties}>
            {groups.map(cellsOf)}
          </div>
        )}
      </NamesBeside>
    </div>
  );
}

export function RunName({ run }: { run: PanelRun }) {
  return (
    <>
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <MidName name={run.name} />
    </>
  );
}

interface MissingCellProps {
  readonly group: MediaGroup;
  readonly hasName: boolean;
  readonly step: number | null;
  readonly ratio: number;
}

/** A run that logs this metric, but not yet at this step. */
function MissingCell({ group, hasName, step, ratio }: MissingCellProps) {
  return (
    <figure className="media-cell">
      <div className="media-box media-say" style={{ aspectRatio: ratio }}>
        <span>Nothing up to step {stepText(step ?? 0)}</span>
      </div>
      {hasName && (
        <figcaption>
          <RunName run={group.run} />
        </figcaption>
      )}
    </figure>
  );
}

/** Where what is shown is older than the panel's step. */
function lateNote(group: MediaGroup, step: number | null): string {
  return group.step !== null && step !== null && group.step !== step ? `step ${stepText(group.step)}` : "";
}

/** Width by height of all boxes: the ratio of the image in the middle, so that few are shown smaller; null: none has one. */
export function ratioOfAll(groups: readonly Pick<MediaGroup, "items">[]): number | null {
  const ratios = groups
    .flatMap(({ items }) => items.map(ratioOf))
    .filter((ratio) => ratio !== null)
    .sort((a, b) => a - b);
  const middle = ratios[ratios.length >> 1];
  return middle === undefined ? null : within(middle);
}

function within(ratio: number): number {
  return Math.max(RATIOS[0], Math.min(RATIOS[1], ratio));
}

function ratioOf({ width, height }: MediaItem): number | null {
  return width && height ? width / height : null;
}
