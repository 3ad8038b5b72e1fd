/** Latest values: the last number of each metric, runs and metrics as rows and columns. */

import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState } from "react";
import { type LatestValues, latestQuery } from "@/api/metrics/metric-figures";
import { metricNamesQuery } from "@/api/metrics/metrics";
import { formatNoun, formatValue } from "@/data/text/format";
import { matcherFor } from "@/data/text/text-match";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { MidName } from "@/ui/text/mid-name";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import type { PanelProps, PanelRun } from "../panel-props";
import { highlightOnHover, useHighlightedRun } from "../plot/highlight";
import { latestOptions } from "./options";
import "./latest.css";

/** More columns than this cannot be read, and more cells than these neither. */
const MOST_METRICS = 200;
const MOST_COLUMNS = 40;

type Direction = "falling" | "rising";
interface Sort {
  readonly metric: string;
  readonly direction: Direction;
}

export const LatestPanel = memo(function LatestPanel(props: PanelProps) {
  const { panel, project, runs, runIds } = props;
  const box = usePanelBox(props.isFull);
  const { isOn } = box;
  const options = latestOptions(panel);
  const { keys, isKnown, nLeft } = useKeys(
    props,
    isOn,
    options.rows === "metrics" ? MOST_METRICS : MOST_COLUMNS,
  );
  const query = useQuery({
    ...latestQuery(project, runIds, keys),
    enabled: isOn && keys.length > 0 && runIds.length > 0,
  });
  const [sort, setSort] = useState<Sort | null>(null);
  const values = query.data;
  const sorted = useMemo(
    () => (values && sort ? sortedRuns(runs, values, sort) : runs),
    [runs, values, sort],
  );
  return (
    <PanelFrame
      of={props}
      box={box}
      notes={[nLeft > 0 ? `${formatNoun(nLeft, "metric")} left out` : ""]}
      state={stateFor()}
      stale={staleOf(query)}
    >
      {values && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        <div ref={leaveWheelToPage} className="lat" tabIndex={0} role="group" aria-label="Values, scrolled">
          {options.rows === "runs" ? (
            <RunRows runs={sorted} keys={keys} values={values} sort={sort} onSort={setSort} />
          ) : (
            <MetricRows runs={runs} keys={keys} values={values} />
          )}
        </div>
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (runs.length === 0) return { is: "empty", say: "No run is shown." };
    if (isKnown && keys.length === 0) return { is: "empty", say: "No metric has that name." };
    return stateOf(query, values?.size === 0 ? "None of the runs shown has logged these metrics." : null);
  }
});

const NO_NAMES = { numbers: [], system: [], both: [] };

/** The metrics that are shown: those chosen, those that the pattern finds, or all. */
function useKeys({ panel, project, runIds }: PanelProps, isOn: boolean, most: number) {
  const isAll = panel.keys.length === 0 && panel.pattern === null;
  const all = useQuery({
    ...metricNamesQuery(project, runIds),
    enabled: isOn && runIds.length > 0 && (isAll || panel.pattern !== null),
  });
  return useMemo(() => {
    const { numbers, system, both } = all.data ?? NO_NAMES;
    // only what scripts logged has latest values
    const logged = new Set(both);
    const sampled = new Set(system.filter((key) => !logged.has(key)));
    const metrics = numbers.filter((key) => !sampled.has(key));
    const { test } = matcherFor(panel.pattern ?? "", true);
    const hidden = new Set(all.data?.hidden);
    const more = isAll
      ? metrics.filter((key) => !hidden.has(key))
      : panel.pattern === null
        ? []
        : metrics.filter((key) => test?.(key));
    const keys = [...new Set([...panel.keys, ...more])];
    return {
      keys: keys.slice(0, most),
      nLeft: Math.max(0, keys.length - most),
      isKnown: all.data !== undefined || !(isAll || panel.pattern !== null),
    };
  }, [all.data, panel.keys, panel.pattern, isAll, most]);
}

interface RunRowsProps {
  readonly runs: readonly PanelRun[];
  readonly keys: readonly string[];
  readonly values: LatestValues;
  readonly sort: Sort | null;
  onSort(sort: Sort | null): void;
}

function RunRows({ runs, keys, values, sort, onSort }: RunRowsProps) {
  const highlighted = useHighlightedRun();
  return (
    <table>
      <thead>
        <tr>
          <th>run</th>
          {keys.map((key) => {
            const direction = sort?.metric === key ? sort.direction : null;
            return (
              <th key={key} className="num" aria-sort={direction ? SORTED[direction] : undefined}>
                <button type="button" title={key} onClick={() => onSort(nextSort(key, direction))}>
                  <MidName name={key} />
                  {direction && <span aria-hidden="true">{direction === "falling" ? "↓" : "↑"}</span>}
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <tr key={run.id} className={highlighted === run.id ? "lit" : ""} {...highlightOnHover(run.id)}>
            <th scope="row">
              <RunName run={run} />
            </th>
            {keys.map((key) => (
              <td key={key} className="num">
                {cellText(values.get(run.id)?.[key])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const SORTED = { falling: "descending", rising: "ascending" } as const;

function nextSort(metric: string, direction: Direction | null): Sort | null {
  if (direction === "rising") return null;
  return { metric, direction: direction === null ? "falling" : "rising" };
}

function MetricRows({ runs, keys, values }: Omit<RunRowsProps, "sort" | "onSort">) {
  const shown = runs.slice(0, MOST_COLUMNS);
  const highlighted = useHighlightedRun();
  return (
    <table>
      <thead>
        <tr>
          <th>metric</th>
          {shown.map((run) => (
            <th
              key={run.id}
              className={`num ${highlighted === run.id ? "lit" : ""}`}
              {...highlightOnHover(run.id)}
            >
              <RunName run={run} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <tr key={key}>
            <th scope="row">
              <MidName name={key} />
            </th>
            {shown.map((run) => (
              <td key={run.id} className="num">
                {cellText(values.get(run.id)?.[key])}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function RunName({ run }: { run: PanelRun }) {
  return (
    <span className="row">
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <MidName name={run.name} />
    </span>
  );
}

/** Runs without a finite value come last, whichever way. */
function sortedRuns(
  runs: readonly PanelRun[],
  values: LatestValues,
  { metric, direction }: Sort,
): PanelRun[] {
  const numberOf = (run: PanelRun) => {
    const value = values.get(run.id)?.[metric];
    return typeof value === "number" ? value : null;
  };
  const sign = direction === "falling" ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (x - y);
  });
}

function cellText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return formatValue(value);
  if (typeof value === "string") return value.replace("Infinity", "Inf").replace("-", "−");
  return typeof value === "boolean" ? String(value) : "…";
}
