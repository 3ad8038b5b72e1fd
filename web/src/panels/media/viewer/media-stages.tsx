/**
 * One item over the page, or several side by side, or one over the other with an edge to move between them.
 */

import { type CSSProperties, type RefObject, useEffect, useRef, useState } from "react";
import type { MediaItem } from "@/api/files/media";
import { NO_ZOOM, type Zoom, zoomedAt } from "@/data/media/zoom";
import { useStable } from "@/ui/hooks/use-stable";
import { useRoom } from "../../frame/use-room";
import { MediaState } from "../grid/media-cell";
import { columnsFor } from "../grid/media-columns";
import { RunName } from "../grid/media-grid";
import type { MediaGroup } from "../grid/media-groups";
import { MediaContent } from "../media-content";
import type { MediaOptions } from "../options";
import { ZoomStage } from "./zoom-stage";

interface Staged {
  readonly group: MediaGroup;
  /** Undefined: the run has none at this step. */
  readonly item: MediaItem | undefined;
}

interface MediaStagesProps {
  /** The first is the chosen one. */
  readonly staged: readonly Staged[];
  readonly isSwiped: boolean;
  readonly options: MediaOptions;
}

const PERCENT = 100;
const MIDDLE = { x: 0.5, y: 0.5 };
const KEY_FACTOR = 1.5;

/** Keys that are pressed alone while media are over the page. */
function usePageKeysOver(act: (key: string) => void): void {
  const onKeyDown = useStable((event: KeyboardEvent) => {
    const isOwn = event.target instanceof Element && event.target.closest("input, textarea");
    if (!isOwn && !event.altKey && !event.ctrlKey && !event.metaKey) act(event.key);
  });
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [onKeyDown]);
}

export function MediaStages({ staged, isSwiped, options }: MediaStagesProps) {
  const [zoom, setZoom] = useState<Zoom>(NO_ZOOM);
  const [edge, setEdge] = useState(PERCENT / 2);
  const [first, second] = staged;
  const ref = useRef<HTMLDivElement>(null);
  const columns = useColumns(ref, staged);
  usePageKeysOver((key) => {
    if (key === "+" || key === "=") setZoom((before) => zoomedAt(before, MIDDLE, KEY_FACTOR));
    else if (key === "-") setZoom((before) => zoomedAt(before, MIDDLE, 1 / KEY_FACTOR));
    else if (key === "0") setZoom(NO_ZOOM);
  });
  if (isSwiped && first && second)
    return (
      <div className="media-swipe">
        <ZoomStage zoom={zoom} kind={first.item?.kind} onZoom={setZoom}>
          <div className="media-under">
            <Content {...first} options={options} />
          </div>
          <div className="media-over" style={{ clipPath: `inset(0 0 0 ${edge}%)` }}>
            <Content {...second} options={options} />
          </div>
        </ZoomStage>
        <div className="media-names">
          <RunName run={first.group.run} />
          <input
            type="range"
            className="range"
            aria-label="Edge between the two"
            data-own-keys=""
            min={0}
            max={PERCENT}
            step={0.5}
            value={edge}
            style={{ "--p": `${edge}%` } as CSSProperties}
            onChange={(event) => setEdge(event.target.valueAsNumber)}
          />
          <RunName run={second.group.run} />
        </div>
      </div>
    );
  return (
    <div className="media-stages" ref={ref} style={{ "--n": columns } as CSSProperties}>
      {staged.map((stage, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: another item takes its place, with the same zoom
        <div key={i} className="media-one">
          {stage.item?.kind === "image" ? (
            <ZoomStage zoom={zoom} kind="image" onZoom={setZoom}>
              <Content {...stage} options={options} />
            </ZoomStage>
          ) : (
            <div className="media-stage" data-kind={stage.item?.kind}>
              <Content {...stage} options={options} />
            </div>
          )}
          {staged.length > 1 && (
            <div className="media-names">
              <RunName run={stage.group.run} />
              {stage.item?.caption && (
                <span className="ell muted" title={stage.item.caption}>
                  {stage.item.caption}
                </span>
              )}
            </div>
          )}
        </div>
      ))}
    </div>
  );
}

/** Columns in which several images are largest. */
function useColumns(ref: RefObject<HTMLElement | null>, staged: readonly Staged[]): number {
  const room = useRoom(ref);
  const { width, height } = staged[0]?.item ?? {};
  const blocks = { counts: [staged.length], hasHeads: false, nLines: 1 };
  return columnsFor(room, blocks, width && height ? width / height : 1, 1)?.n ?? staged.length;
}

function Content({ group, item, options }: Staged & { readonly options: MediaOptions }) {
  if (item?.file.state === "stored") return <MediaContent item={item} options={options} isLarge />;
  return (
    <div className="media-say">
      {item ? <MediaState item={item} run={group.run} /> : <span>Nothing up to this step</span>}
    </div>
  );
}
