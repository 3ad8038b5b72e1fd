/** A chart that a person describes in Vega-Lite, over two tables: the shown runs, and points of metrics. */

import { useQuery } from "@tanstack/react-query";
import { memo, useCallback, useMemo, useState } from "react";
import { seriesQuery } from "@/api/metrics/series";
import { runToken } from "@/charts/tokens";
import { formatNoun } from "@/data/text/format";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import { useRunRows } from "../over-runs/use-run-rows";
import type { PanelProps } from "../panel-props";
import { historyRows } from "./history-rows";
import { namesStep, nested, readSpec, specColumns, specText } from "./options";
import { VegaFault } from "./vega-fault";
import { type Tables, VegaPlot } from "./vega-plot";
import "./vega.css";

/** Points of each curve in the table `history`. */
const BUCKETS = 200;
const ANY_COLUMN = ["created"];

export const VegaPanel = memo(function VegaPanel(props: PanelProps) {
  const { panel, project, runs, runIds, isFixed, isReadOnly, onEdit } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const text = specText(panel);
  const spec = useMemo(() => readSpec(text), [text]);
  const columns = useMemo(() => {
    const named = spec.value ? specColumns(spec.value) : [];
    return named.length > 0 ? named : ANY_COLUMN;
  }, [spec]);
  const axis = spec.value && namesStep(spec.value) ? "step" : "defined";
  const { query, rows } = useRunRows(props, columns, "shown", isOn && spec.value !== null);
  const history = useQuery({
    ...seriesQuery(project, {
      runs: runIds,
      keys: panel.keys,
      axis,
      lo: null,
      hi: null,
      nBuckets: BUCKETS,
    }),
    enabled: isOn && panel.keys.length > 0 && runIds.length > 0,
  });
  const tables = useCallback(
    (): Tables => ({
      runs: rows.map(({ id, name, state, color, values }) => ({
        ...nested(values),
        id,
        name,
        state,
        color: runToken(color),
      })),
      history: runs.flatMap((run) =>
        (history.data?.series ?? [])
          .filter((series) => series.run === run.id)
          .flatMap((series) => historyRows(series, run.name, runToken(run.color))),
      ),
    }),
    [rows, runs, history.data],
  );
  const [fault, setFault] = useState<string | null>(null);
  const title = panel.title ?? titleOf(spec.value);
  const edit = !isFixed && !isReadOnly && (
    <button type="button" className="btn sm" onClick={() => onEdit(panel.id)}>
      Edit the specification
    </button>
  );
  return (
    <PanelFrame
      of={props}
      box={box}
      title={title}
      flags={fault && <span className="flag dan">cannot be drawn</span>}
      state={stateFor()}
      stale={staleOf(query)}
    >
      {fault && <VegaFault fault={fault}>{edit}</VegaFault>}
      {spec.value && (
        <div className={fault ? "vega-place off" : "vega-place"}>
          <VegaPlot
            label={`${title}: ${formatNoun(rows.length, "run")}`}
            spec={spec.value}
            tables={tables}
            onError={setFault}
          />
        </div>
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (spec.value === null)
      return {
        is: "empty",
        say: spec.error,
        action: edit,
      };
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (history.isError && !history.data) return stateOf(history, null);
    return stateOf(query, null);
  }
});

function titleOf(spec: Readonly<Record<string, unknown>> | null): string {
  return typeof spec?.description === "string" ? spec.description : "Vega-Lite";
}
