/**
 * A run's first numbers on a phone, before anything else: each with its curve and its difference to the baseline.
 */

import { useMemo } from "react";
import { firstNumbers, keyMetricsOf } from "@/data/metrics/key-metric";
import { formatValue } from "@/data/text/format";
import { usePhone } from "@/ui/hooks/use-phone";
import { MidName } from "@/ui/text/mid-name";
import { RunSpark } from "../../run-spark";
import { useShownRun } from "../shown-run";
import { useBaselineRun } from "../use-baseline-run";
import { useListView } from "../use-list-view";
import { Difference } from "./summary-card";

const SHOWN = 4;

export function KeyNumbers() {
  const isPhone = usePhone();
  const { run } = useShownRun();
  const baseline = useBaselineRun();
  const order = useListView()?.order;
  const numbers = useMemo(
    () => firstNumbers(run.summary, run.definitions, order ?? []).slice(0, SHOWN),
    [run, order],
  );
  if (!isPhone || numbers.length === 0) return null;
  const bases = baseline && keyMetricsOf(baseline.summary, baseline.definitions);
  return (
    <section className="key-numbers" aria-label="Key numbers">
      {numbers.map((number) => (
        <div className="card" key={number.key}>
          <div className="row">
            <MidName name={number.key} />
            <span className="grow" />
            {number.aggregate && <span className="meta">{number.aggregate}</span>}
          </div>
          <div className="row">
            <b className="tn">{formatValue(number.value)}</b>
            {bases && <Difference value={number} base={bases.find((base) => isSame(base, number))} />}
          </div>
          <RunSpark run={run} metric={number.key} isLive={run.state === "running"} />
        </div>
      ))}
    </section>
  );
}

type Numbers = ReturnType<typeof keyMetricsOf>;

function isSame(a: Numbers[number], b: Numbers[number]): boolean {
  return a.key === b.key && a.aggregate === b.aggregate;
}
