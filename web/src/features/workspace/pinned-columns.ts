/**
 * The columns beside the names in the runs list: how they are called, how wide they are, how they read.
 */

import { useMemo } from "react";
import { type FormatCell, formatOf } from "@/data/table/cell-format";
import { isTimeColumn, labelOf } from "@/data/table/columns";
import { useView } from "../view/view-store";

export interface PinnedColumn {
  readonly id: string;
  /** Short, as there is little room: `mIoU`. */
  readonly label: string;
  /** Whole: `val/mIoU, max`. */
  readonly title: string;
  readonly widthPx: number;
  readonly format: FormatCell;
}

const WIDTHS: Readonly<Record<string, number>> = { runtime: 76, tags: 96, notes: 120, group: 88, host: 80 };
const TIME_PX = 56;
const FIRST_PX = 68;
/** What the name keeps, with its checkbox, eye and state. */
const NAME_PX = 162;

function columnOf(id: string): PinnedColumn {
  const { label, aggregate } = labelOf(id);
  const short = label.slice(Math.max(label.lastIndexOf("/"), label.lastIndexOf(".")) + 1);
  return {
    id,
    label: short,
    title: aggregate ? `${label}, ${aggregate}` : label,
    widthPx: WIDTHS[id] ?? (isTimeColumn(id) ? TIME_PX : FIRST_PX),
    format: formatOf(id, undefined, undefined),
  };
}

interface PinnedColumns {
  readonly columns: readonly PinnedColumn[];
  /** Names of those that have no room. */
  readonly cut: readonly string[];
  /** Of the list's grid. */
  readonly template: string;
}

/** The pinned columns that have room in a list of this width. */
export function usePinnedColumns(listPx: number): PinnedColumns {
  const pinned = useView((view) => view.pinned);
  return useMemo(() => {
    const columns: PinnedColumn[] = [];
    let room = listPx - NAME_PX;
    for (const column of pinned.map(columnOf)) {
      room -= column.widthPx;
      if (room < 0) break;
      columns.push(column);
    }
    const template = `20px 24px minmax(0, 1fr)${columns.map(({ widthPx }) => ` ${widthPx}px`).join("")}`;
    const cut = pinned.slice(columns.length).map((id) => columnOf(id).title);
    return { columns, cut, template };
  }, [pinned, listPx]);
}
