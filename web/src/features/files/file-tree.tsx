/** Folders and files as a tree; arrows go through it, and each file they come to is shown. */

import { type KeyboardEvent, useEffect, useState } from "react";
import type { ShownFile } from "@/api/files/files";
import { iconOf, previewKind } from "@/data/files/preview-kind";
import type { TreeRow } from "@/data/files/tree-rows";
import { formatBytes, formatCount } from "@/data/text/format";
import { useChosenInSight, useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import { MOST_FILES } from "./use-file-tree";

const ROW_PX = 28;
const INDENT_PX = 14;

type Row = TreeRow<ShownFile>;

interface FileTreeProps {
  readonly rows: readonly Row[];
  readonly chosen: string;
  onChoose(path: string): void;
  onFolder(path: string, isOpen: boolean): void;
  onMore(folder: string): void;
  isFull(folder: string): boolean;
}

export function FileTree({ rows, chosen, onChoose, onFolder, onMore, isFull }: FileTreeProps) {
  /** The id of the row that the arrows are at. */
  const [cursor, setCursor] = useState(`file ${chosen}`);
  const at = rows.findIndex(({ id }) => id === cursor);
  const { scroll, list } = useVirtualRows(rows.length, ROW_PX);
  useEffect(() => setCursor(`file ${chosen}`), [chosen]);
  const chosenIndex = rows.findIndex(({ id }) => id === `file ${chosen}`);
  useChosenInSight(list, chosenIndex, chosen);

  const act = (row: Row) => {
    setCursor(row.id);
    if (row.is === "file") onChoose(row.file.path);
    else if (row.is === "folder") onFolder(row.path, !row.isOpen);
    else if (row.is === "more" && !isFull(row.parent)) onMore(row.parent);
  };
  const go = (next: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, next))];
    if (!row) return;
    setCursor(row.id);
    list.scrollToIndex(rows.indexOf(row), { align: "auto" });
    if (row.is === "file") onChoose(row.file.path);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[at];
    const isFolder = row?.is === "folder";
    if (event.key === "ArrowDown") go(at + 1);
    else if (event.key === "ArrowUp") go(at < 0 ? rows.length - 1 : at - 1);
    else if (event.key === "Home") go(0);
    else if (event.key === "End") go(rows.length - 1);
    else if (event.key === "ArrowRight" && isFolder) row.isOpen ? go(at + 1) : onFolder(row.path, true);
    else if (event.key === "ArrowLeft" && isFolder && row.isOpen) onFolder(row.path, false);
    else if (event.key === "ArrowLeft" && row && row.parent !== "")
      go(rows.findIndex((candidate) => candidate.is === "folder" && candidate.path === row.parent));
    else if ((event.key === "Enter" || event.key === " ") && row) act(row);
    else return;
    event.preventDefault();
  };
  return (
    <div
      className="part-rows"
      role="tree"
      aria-label="Files"
      tabIndex={0}
      ref={scroll}
      aria-activedescendant={at < 0 ? undefined : `file-row-${at}`}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the focus and the keys
            <div
              key={row.id}
              id={`file-row-${index}`}
              role="treeitem"
              className={`part-row ${row.is}`}
              style={{ transform: `translateY(${start}px)`, paddingLeft: 8 + row.depth * INDENT_PX }}
              aria-level={row.depth + 1}
              aria-expanded={row.is === "folder" ? row.isOpen : undefined}
              aria-selected={row.is === "file" && row.file.path === chosen}
              data-cursor={row.id === cursor || undefined}
              onClick={() => act(row)}
            >
              <RowContent row={row} isFull={row.is === "more" && isFull(row.parent)} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function RowContent({ row, isFull }: { row: Row; isFull: boolean }) {
  if (row.is === "late") return <span className="muted">Loading</span>;
  if (row.is === "more")
    return (
      <span className="muted">
        {isFull ? `The first ${formatCount(MOST_FILES)} files; the search finds the others` : "Show more"}
      </span>
    );
  if (row.is === "folder")
    return (
      <>
        <Icon name={row.isOpen ? "down" : "right"} isSmall />
        <MidName name={row.name} />
        <span className="muted tn late" title={`${formatCount(row.nFiles)} files`}>
          {formatBytes(row.nBytes)}
        </span>
      </>
    );
  return (
    <>
      <FileIcon file={row.file} />
      <MidName name={row.name} />
      <FileSize file={row.file} />
    </>
  );
}

function FileIcon({ file }: { file: ShownFile }) {
  return <Icon name={iconOf(previewKind(file.path, file.media_type))} isSmall />;
}

/** Its size, or why it has no content. */
function FileSize({ file }: { file: ShownFile }) {
  if (file.state === "stored") return <span className="muted tn late">{formatBytes(file.n_bytes)}</span>;
  if (file.state === "reference")
    return (
      <span className="late flag neu" title={file.reference ?? undefined}>
        elsewhere
      </span>
    );
  return (
    <span className="late flag wrn" title={file.error ?? undefined}>
      {file.state === "awaited" ? "not sent" : "failed"}
    </span>
  );
}
