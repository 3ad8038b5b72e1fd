/** All of a cell whose text is longer than its column is wide. */

import { useQuery } from "@tanstack/react-query";
import type { MediaItem } from "@/api/files/media";
import { wholeCellQuery } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { CopyButton } from "@/ui/controls/copy-button";
import { Dialog } from "@/ui/overlays/dialog";
import type { TableRequest } from "../use-pieces";
import { wholeText } from "./cell-text";

interface OpenText {
  readonly is: "text";
  readonly title: string;
  readonly column: string;
  /** Place of the row in the order of the table. */
  readonly offset: number;
  readonly text: string;
  /** The text is only the beginning. */
  readonly isCut: boolean;
}

interface OpenMedia {
  readonly is: "media";
  /** Of a table of several runs: the one of the row. */
  readonly run: string | null;
  readonly title: string;
  readonly items: readonly MediaItem[];
  readonly index: number;
}

export type OpenCell = OpenText | OpenMedia;

interface CellDialogProps {
  readonly project: ProjectRef;
  readonly hash: string;
  readonly request: TableRequest;
  readonly cell: OpenText;
  onClose(): void;
}

export function CellDialog({ project, hash, request, cell, onClose }: CellDialogProps) {
  const { column, offset, isCut } = cell;
  const query = useQuery({
    ...wholeCellQuery(project, hash, { ...request, columns: [column], offset }),
    enabled: isCut,
  });
  const wholeValue = query.data?.rows[0]?.[0];
  const text = wholeValue === undefined ? cell.text : wholeText(wholeValue);
  return (
    <Dialog
      title={cell.title}
      isOpen
      width={720}
      actions={<CopyButton text={text} label="Copy" />}
      onClose={onClose}
    >
      {isCut && query.isPending && <p className="muted">Loading the rest</p>}
      {query.error && <p role="alert">{query.error.message}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <pre className="tbl-whole" tabIndex={0}>
        {text}
      </pre>
      {query.data?.cut.length ? <p className="muted">Only the first million characters are shown.</p> : null}
    </Dialog>
  );
}
