/** One cell of a logged table: a text, a number, or thumbnails of media. */

import type { MediaItem } from "@/api/files/media";
import type { TableWindow } from "@/api/files/tables";
import { MidName } from "@/ui/text/mid-name";
import { nameOf } from "../../media/grid/media-groups";
import type { OpenCell } from "./cell-dialog";
import { type ColumnLook, cellText, numberText, wholeText } from "./cell-text";

interface TableCellProps {
  readonly window: TableWindow;
  /** Place in the window. */
  readonly row: number;
  readonly column: number;
  readonly look: Pick<ColumnLook, "isNumber" | "hasFractions">;
  /** Of the column. */
  readonly widthPx: number;
  /** Colour of the run that the cell names; absent in other columns. */
  readonly runColor?: number | undefined;
  /** Place of the row in the order of the table. */
  readonly offset: number;
  onOpen(cell: OpenCell): void;
}

/** A longer text is cut by its column, and can be opened. */
const SHORT_CHARS = 24;
const MOST_THUMBNAILS = 6;
const MOST_TITLE_CHARS = 1000;

export function TableCell({ window, row, column, look, widthPx, runColor, offset, onOpen }: TableCellProps) {
  const { name, title, type } = window.columns[column]!;
  const { isNumber } = look;
  const media = window.media.find((cell) => cell.row === row && cell.column === column);
  if (media)
    return (
      <span role="cell" className="tbl-media">
        {media.items.slice(0, MOST_THUMBNAILS).map((item, index) => (
          <Thumbnail
            // biome-ignore lint/suspicious/noArrayIndexKey: the same file may be there twice
            key={index}
            item={item}
            onOpen={() =>
              onOpen({ is: "media", run: window.runs?.[row] ?? null, title, items: media.items, index })
            }
          />
        ))}
        {media.items.length > MOST_THUMBNAILS && (
          <span className="muted tn">+{media.items.length - MOST_THUMBNAILS}</span>
        )}
      </span>
    );
  const cell = window.rows[row]![column];
  if (cell === null)
    return (
      <span role="cell" className={isNumber ? "num muted" : "muted"}>
        <span role="img" aria-label="no value">
          –
        </span>
      </span>
    );
  const text = isNumber ? numberText(cell, look, widthPx) : cellText(cell, type);
  if (runColor !== undefined)
    return (
      <span role="cell" className="tbl-run">
        <span className="sw-dot" style={{ background: `var(--w-run-${runColor})` }} />
        <MidName name={text} />
      </span>
    );
  const isCut = window.cut.some(([r, c]) => r === row && c === column);
  if (isNumber || (text.length <= SHORT_CHARS && !text.includes("\n") && !isCut))
    return (
      <span role="cell" className={isNumber ? "num tn" : ""} title={isNumber ? wholeText(cell) : text}>
        <span className={isNumber ? "ell" : "tbl-text ell"}>{text}</span>
      </span>
    );
  return (
    <span role="cell">
      <button
        type="button"
        className="tbl-long tbl-text ell"
        title={text.slice(0, MOST_TITLE_CHARS)}
        onClick={() => onOpen({ is: "text", title, column: name, offset, text: wholeText(cell), isCut })}
      >
        {text.slice(0, MOST_TITLE_CHARS)}
      </button>
    </span>
  );
}

const NOT_STORED: Readonly<Record<string, string>> = {
  awaited: "not here yet",
  failed: "failed",
  deleted: "deleted",
};

function Thumbnail({ item, onOpen }: { item: MediaItem; onOpen(): void }) {
  const { file, kind, caption } = item;
  if (file.state !== "stored")
    return (
      <span className="muted" title={file.error ?? undefined}>
        {NOT_STORED[file.state]}
      </span>
    );
  return (
    <button
      type="button"
      className={kind === "image" ? "tbl-thumb" : "btn q sm"}
      aria-label={`${nameOf(item)}: full size`}
      title={caption ?? undefined}
      onClick={onOpen}
    >
      {kind === "image" ? <img src={file.url} alt="" loading="lazy" /> : kind}
    </button>
  );
}
