/**
 * The look of each column: its format by the range of its numbers over all listed runs.
 *
 * Ranges are asked for of the columns in view; until they are here, values of some runs stand for them.
 */

import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { type AllFigures, allFiguresQuery } from "@/api/runs/group-figures";
import type { ProjectRef } from "@/api/types";
import { type Extent, fittingFormat, formatOf } from "@/data/table/cell-format";
import type { ColumnFacts } from "@/data/table/column-facts";
import { scopeOf, type TableColumn } from "@/data/table/columns";
import type { Span } from "@/data/table/window";
import type { RunsRequest } from "../../runs/rows/runs-request";
import { useView } from "../../view/view-store";
import type { GridLayout } from "../grid/grid-layout";
import type { ColumnLook } from "../grid/value-cell";
import { stretchesOf } from "../use-table-cells";

export interface SampledFacts extends ColumnFacts {
  readonly samples: readonly unknown[];
}

type Ends = AllFigures["extents"];

const NO_ENDS: Ends = new Map();
const CELL_SIDES_PX = 20;
/** The least of the line on which a value's place is, with its distance from the value. */
const PLACE_PX = 26;

function isRanged(column: TableColumn): boolean {
  return column.isNumeric && scopeOf(column.id) !== "run";
}

function endsOf(results: readonly { readonly data?: AllFigures }[]) {
  return results.map(({ data }) => data?.extents);
}

function extentOf(facts: SampledFacts | undefined, ends: { min: number; max: number } | undefined) {
  const samples = (facts?.samples ?? []).filter((sample): sample is number => typeof sample === "number");
  const numbers = ends ? [ends.min, ends.max, ...samples] : samples;
  if (numbers.length === 0) return undefined;
  return {
    min: ends?.min ?? Math.min(...samples),
    max: ends?.max ?? Math.max(...samples),
    isWhole: numbers.every(Number.isInteger),
  } satisfies Extent;
}

/** Looks of the pinned columns, then of the others. */
export function useColumnLooks(
  project: ProjectRef,
  request: RunsRequest,
  layout: GridLayout,
  columns: Span,
  facts: readonly SampledFacts[],
): readonly ColumnLook[] {
  const order = useView((view) => view.order);
  const formats = useView((view) => view.table.formats);
  const ranges = useMemo(() => {
    const ids = (columnList: readonly TableColumn[]) =>
      columnList.filter(isRanged).map((column) => column.id);
    const byName = new Map(layout.scrolled.map((column) => [column.id, column]));
    const inView = stretchesOf([...byName.keys()], columns).map((range) =>
      ids(range.map((id) => byName.get(id)!)),
    );
    return [ids(layout.pinned), ...inView].filter((range) => range.length > 0);
  }, [layout, columns]);
  const answers = useQueries({
    queries: ranges.map((range) => allFiguresQuery(project, request, range)),
    combine: endsOf,
  });
  const seen = useRef(NO_ENDS);
  const ends = useMemo(
    () => new Map([...seen.current, ...answers.flatMap((answer) => [...(answer ?? [])])]),
    [answers],
  );
  useEffect(() => {
    seen.current = ends;
  }, [ends]);
  return useMemo(() => {
    const byName = new Map(facts.map((entry) => [entry.column, entry]));
    return [...layout.pinned, ...layout.scrolled].map((column): ColumnLook => {
      const own = ends.get(column.id);
      const extent = extentOf(byName.get(column.id), own);
      const isFirstKey = order[0]?.column === column.id && isRanged(column);
      const drawn = isFirstKey && own && extent ? extent : null;
      const format = formatOf(column.id, formats[column.id], extent);
      const roomPx = column.widthPx - CELL_SIDES_PX - (drawn ? PLACE_PX : 0);
      return {
        column,
        // what a person chose stays, if with an ellipsis
        format: formats[column.id] === undefined ? fittingFormat(format, extent, roomPx) : format,
        extent: drawn,
        best: column.aggregate === "min" || column.aggregate === "max" ? column.aggregate : null,
      };
    });
  }, [layout, facts, ends, order, formats]);
}
