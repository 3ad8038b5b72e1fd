/** One item of a media panel with what is known of it, in any state that its file can be in. */

import { memo } from "react";
import type { MediaItem } from "@/api/files/media";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import type { PanelRun } from "../../panel-props";
import { MediaContent } from "../media-content";
import type { MediaOptions } from "../options";

interface MediaCellProps {
  readonly item: MediaItem;
  readonly run: PanelRun;
  /** Whether it says whose it is; else a heading above does. */
  readonly hasName: boolean;
  /** Grey, at its end. */
  readonly note: string;
  /** Width by height of its box. */
  readonly ratio: number;
  readonly options: MediaOptions;
  onOpen(): void;
}

export const MediaCell = memo(
  function MediaCell({ item, run, hasName, note, ratio, options, onOpen }: MediaCellProps) {
    const isImage = item.kind === "image";
    const isFlat = item.kind === "audio";
    const isStored = item.file.state === "stored";
    // images are buttons themselves
    const hasAct = isStored && !isImage && !isFlat;
    const style = { aspectRatio: isFlat ? "auto" : ratio };
    return (
      <figure className="media-cell" data-kind={item.kind} data-state={item.file.state}>
        {!isStored ? (
          <div className="media-box media-say" style={style}>
            <MediaState item={item} run={run} />
          </div>
        ) : isImage ? (
          <button type="button" className="media-box" style={style} onClick={onOpen}>
            <MediaContent item={item} options={options} />
            {/* after the name, which is the image's */}
            <span className="sr"> of {run.name}: full size</span>
          </button>
        ) : (
          <div className="media-box" style={style}>
            <MediaContent item={item} options={options} />
          </div>
        )}
        {hasAct && (
          <span className="media-act">
            <IconButton icon="full" label="Full size" isSmall onClick={onOpen} />
          </span>
        )}
        {(hasName || item.caption || note) && (
          <figcaption>
            {hasName && <RunDot run={run} />}
            {item.caption && (
              <span className="ell cap" title={item.caption}>
                {item.caption}
              </span>
            )}
            {note && <span className="muted tn late">{note}</span>}
          </figcaption>
        )}
      </figure>
    );
  },
  (before, after) =>
    (Object.keys(after) as (keyof MediaCellProps)[]).every(
      (name) => name === "onOpen" || Object.is(before[name], after[name]),
    ),
);

function RunDot({ run }: { run: PanelRun }) {
  return (
    <>
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <MidName name={run.name} />
    </>
  );
}

/** Why there is no content. */
export function MediaState({ item, run }: { item: MediaItem; run: PanelRun }) {
  const { state, error } = item.file;
  if (state === "failed")
    return (
      <>
        <Icon name="warn" isSmall />
        <span className="media-why" title={error ?? ""}>
          {error ?? "There is no content"}
        </span>
      </>
    );
  if (state === "deleted") return <span>Deleted</span>;
  if (run.isLive)
    return (
      <span className="media-wait" role="status">
        Being sent
      </span>
    );
  return <span title="`weft sync` on the run's machine sends what is left there.">Not sent</span>;
}
