/**
 * Home's tables of runs: the running ones with their curve, the ended ones with how they ended.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { seriesQuery } from "@/api/series";
import type { Run } from "@/api/types";
import { formatValue } from "@/data/format";
import { keyMetricOf } from "@/data/key-metric";
import { SparkPlot } from "@/panels/plot";
import { Ago } from "@/ui/ago";
import { MidName } from "@/ui/mid-name";
import { useRunColor } from "@/ui/run-color";
import { StateIcon } from "@/ui/state-icon";
import { Runtime } from "../runtime";
import "@/panels/panel.css";

const SPARK_BUCKETS = 64;
const REFRESH_MILLIS = 10_000;

export function RunningTable({ runs }: { runs: readonly Run[] }) {
  return (
    <section className="card table-card">
      <table className="dt now">
        <colgroup>
          <col />
          <col style={{ width: "20%" }} />
          <col className="key" />
          <col style={{ width: 104 }} />
          <col className="machine" />
        </colgroup>
        <thead>
          <tr>
            <th>Run</th>
            <th>Project</th>
            <th>Key metric</th>
            <th className="n">Runtime</th>
            <th>Machine</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <tr key={run.id}>
              <td>
                <RunName run={run} />
              </td>
              <td>
                <ProjectName run={run} />
              </td>
              <td>
                <RunSpark run={run} />
              </td>
              <td className="n">
                <Runtime run={run} />
              </td>
              <td className="mono t2 host" title={run.host ?? ""}>
                {run.host}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

export function RecentTable({ runs }: { runs: readonly Run[] }) {
  return (
    <section className="card table-card">
      <table className="dt">
        <colgroup>
          <col />
          <col style={{ width: "18%" }} />
          <col style={{ width: "21%" }} />
          <col style={{ width: 104 }} />
          <col style={{ width: 96 }} />
        </colgroup>
        <thead>
          <tr>
            <th>Run</th>
            <th>Project</th>
            <th className="n">Key metric</th>
            <th className="n">Runtime</th>
            <th className="n">Ended</th>
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RecentRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function RecentRow({ run }: { run: Run }) {
  const metric = keyMetricOf(run.summary);
  return (
    <tr>
      <td>
        <RunName run={run} />
      </td>
      <td>
        <ProjectName run={run} />
      </td>
      <td className="n">
        {metric ? (
          <>
            <span className="meta">{metric.key}</span>{" "}
            <span className="w5 val">{formatValue(metric.value)}</span>
          </>
        ) : (
          <span className="muted">none</span>
        )}
      </td>
      <td className="n">
        <Runtime run={run} />
      </td>
      <td className="n t2">
        <Ago micros={run.ended_micros ?? run.heartbeat_micros ?? run.created_micros} suffix=" ago" />
      </td>
    </tr>
  );
}

function RunName({ run }: { run: Run }) {
  const color = useRunColor(run.id);
  return (
    <span className="row">
      <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
      <Link
        to="/$entity/$project/runs/$run"
        params={{ entity: run.entity, project: run.project, run: run.id }}
        className="plain w5 name"
      >
        <MidName name={run.name} />
      </Link>
      <StateIcon state={run.state} />
      {run.state === "failed" && run.exit_code !== null && (
        <span className="meta ell how">exit code {run.exit_code}</span>
      )}
      {run.state === "crashed" && <span className="meta ell how">no finish received</span>}
    </span>
  );
}

function ProjectName({ run }: { run: Run }) {
  return (
    <Link to="/$entity/$project" params={{ entity: run.entity, project: run.project }} className="plain">
      <span className="muted">{run.entity} /</span> <span className="t2">{run.project}</span>
    </Link>
  );
}

/** A running run's key metric with its curve so far. */
function RunSpark({ run }: { run: Run }) {
  const color = useRunColor(run.id);
  const metric = keyMetricOf(run.summary);
  const query = useQuery({
    ...seriesQuery(run, {
      runs: [run.id],
      keys: [metric?.key ?? ""],
      axis: "step",
      lo: null,
      hi: null,
      nBuckets: SPARK_BUCKETS,
    }),
    enabled: metric !== null,
    refetchInterval: REFRESH_MILLIS,
  });
  const columns = query.data?.[0];
  const y = useMemo(
    () => Float64Array.from(columns ? columns.mean : []).filter((v) => !Number.isNaN(v)),
    [columns],
  );
  if (!metric) return <span className="muted">nothing logged yet</span>;
  const last = y.length > 0 ? y[y.length - 1]! + (columns?.base ?? 0) : metric.value;
  return (
    <span className="row key-metric">
      <SparkPlot y={y} color={color} isLive />
      <span className="num w5">{formatValue(last)}</span>
      <span className="meta ell">{metric.key}</span>
    </span>
  );
}
