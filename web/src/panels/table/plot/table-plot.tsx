/** A plot of some columns of the rows that pass: dots, a histogram or bars. */

import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { type TableWindow, tableQuery } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { runToken } from "@/charts/tokens";
import { formatCount, formatNoun } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import type { PanelRun } from "../../panel-props";
import { VegaFault } from "../../vega/vega-fault";
import { type Tables, VegaPlot } from "../../vega/vega-plot";
import type { TableRequest } from "../use-pieces";
import { MARKS, type Mark, type PlotOption, plotRows, plotSpec } from "./plot-spec";
import "../../vega/vega.css";

/** As many as a request answers; of more the first are drawn, and the plot says so. */
const MOST_ROWS = 10_000;
const NONE = "";
const MARK_OPTIONS = (Object.keys(MARKS) as Mark[]).map((value) => ({ value, label: MARKS[value] }));

interface TablePlotProps {
  readonly project: ProjectRef;
  readonly hash: string;
  readonly request: TableRequest;
  readonly name: string;
  /** The columns, and the number of rows. */
  readonly head: TableWindow;
  /** Of a table of several: the runs of the first column. */
  readonly runs: readonly { readonly label: string; readonly run: PanelRun }[];
  readonly plot: PlotOption;
  /** Null: the rows again. */
  onPlot(plot: PlotOption | null): void;
}

export default function TablePlot(props: TablePlotProps) {
  const { project, hash, request, name, head, runs, plot, onPlot } = props;
  const { columns } = head;
  const names = [plot.x, plot.y, plot.color].filter((column) => columns.some((own) => own.name === column));
  const query = useQuery(
    tableQuery(project, hash, {
      ...request,
      columns: names.filter((column) => column !== null),
      limit: MOST_ROWS,
    }),
  );
  const [fault, setFault] = useState<string | null>(null);
  const isByRun = runs.length > 0 && plot.color === columns[0]?.name;
  const spec = useMemo(() => {
    const colors = isByRun ? runs.map(({ label, run }) => [label, runToken(run.color)] as const) : [];
    return plotSpec(plot, columns, new Map(colors));
  }, [plot, columns, runs, isByRun]);
  const tables = useCallback(
    (): Tables => ({ rows: query.data ? plotRows(query.data, plot) : [] }),
    [query.data, plot],
  );
  const options = columns.map((column) => ({ value: column.name, label: column.title }));
  const set = (part: Partial<PlotOption>) => onPlot({ ...plot, ...part });
  const error = fault ?? query.error?.message ?? null;
  return (
    <>
      <div className="tbl-tools">
        <Select
          label="Plot"
          value={plot.mark}
          options={MARK_OPTIONS}
          isSmall
          isQuiet
          onChange={(mark) => set({ mark })}
        />
        <Select
          label="X"
          isLabelVisible
          value={plot.x}
          options={options}
          isSmall
          isQuiet
          onChange={(x) => set({ x })}
        />
        {plot.mark !== "histogram" && (
          <Select
            label="Y"
            isLabelVisible
            value={plot.y ?? NONE}
            options={[{ value: NONE, label: "rows" }, ...options]}
            isSmall
            isQuiet
            onChange={(y) => set({ y: y === NONE ? null : y })}
          />
        )}
        <Select
          label="Color"
          isLabelVisible
          value={plot.color ?? NONE}
          options={[{ value: NONE, label: "none" }, ...options]}
          isSmall
          isQuiet
          onChange={(color) => set({ color: color === NONE ? null : color })}
        />
        <span className="grow" />
        {head.total > MOST_ROWS && (
          <span className="flag wrn">
            first {formatCount(MOST_ROWS)} of {formatNoun(head.total, "row")}
          </span>
        )}
        <IconButton icon="table" label="Show the rows" isSmall onClick={() => onPlot(null)} />
      </div>
      {error && <VegaFault fault={error} />}
      <div className={error ? "vega-place off" : "vega-place"}>
        {query.data && (
          <VegaPlot label={`${MARKS[plot.mark]} of ${name}`} spec={spec} tables={tables} onError={setFault} />
        )}
      </div>
    </>
  );
}
