/** Home's running runs: each with the curve of its key metric, how far it is, and where it runs. */

import { lazy, Suspense, useState } from "react";
import { keyMetricOf } from "@/data/metrics/key-metric";
import { columnsOf, progressOf, secondsLeft } from "@/data/runs/progress";
import { formatCount, formatDuration, formatTick, formatValue } from "@/data/text/format";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { useNow } from "@/ui/text/ago";
import { NamesBeside } from "@/ui/text/mid-name";
import { Runtime } from "../../runtime";
import { worryOf } from "./needs-look";
import { ProjectName, RunName } from "./run-cells";
import type { AnsweredRun } from "./use-recent-runs";

const SHOWN = 50;

// a fifth of the scripts of Home, for runs that are running
const RunSpark = lazy(() => import("../../run-spark").then((file) => ({ default: file.RunSpark })));

interface RunningProps {
  readonly runs: readonly AnsweredRun[];
  /** Also those that are not among `runs`. */
  readonly nRunning: number;
}

export function Running({ runs, nRunning }: RunningProps) {
  const [shows, setShows] = useState<"all" | "worries">("all");
  const worried = runs.filter((run) => worryOf(run, run.answeredMillis) !== null);
  const isNarrowed = shows === "worries" && worried.length > 0;
  const shown = (isNarrowed ? worried : runs).slice(0, SHOWN);
  const haveProgress = shown.some((run) => progressOf(columnsOf(run)) !== null);
  const nProjects = new Set(runs.map((run) => `${run.entity}/${run.project}`)).size;
  return (
    <section aria-label="Running">
      <h2 className="h2">
        Running<span className="badge">{formatCount(nRunning)}</span>
        {nProjects > 1 && <span className="meta">in {nProjects} projects</span>}
        <span className="grow" />
        {worried.length > 0 && (
          <SegmentedControl
            label="Which running runs"
            value={isNarrowed ? "worries" : "all"}
            options={[
              { value: "all", label: "All" },
              {
                value: "worries",
                label: (
                  <>
                    Needs a look <span className="count tn">{worried.length}</span>
                  </>
                ),
              },
            ]}
            onChange={setShows}
          />
        )}
      </h2>
      <div className="card table-card">
        <table className="data-table now">
          <thead>
            <tr>
              <th>Run</th>
              <th className="project">Project</th>
              <th className="key">Key metric</th>
              {haveProgress && <th className="progress">Progress</th>}
              {haveProgress && <th className="number left">Left</th>}
              <th className="number runtime">Runtime</th>
              <th className="machine">Machine</th>
            </tr>
          </thead>
          <tbody>
            <NamesBeside names={shown.map(({ name }) => name)}>
              {shown.map((run) => (
                <RunningRow key={run.id} run={run} haveProgress={haveProgress} />
              ))}
            </NamesBeside>
          </tbody>
        </table>
        {shown.length < runs.length && !isNarrowed && (
          <p className="more-note">The newest {SHOWN} of them. A project's page lists all.</p>
        )}
      </div>
    </section>
  );
}

interface RunningRowProps {
  readonly run: AnsweredRun;
  /** Some run tells how far it is: there are columns for it. */
  readonly haveProgress: boolean;
}

function RunningRow({ run, haveProgress }: RunningRowProps) {
  const now = useNow();
  const worry = worryOf(run, run.answeredMillis);
  const metric = keyMetricOf(run.summary, run.definitions);
  const progress = progressOf(columnsOf(run));
  const left = progress && secondsLeft(progress, now / 1000 - run.runtime_from_micros / 1e6);
  const isSilent = worry?.look === "wrn" && worry.text.startsWith("no heartbeat");
  return (
    <tr>
      <td>
        <RunName run={run}>
          {worry && (
            <span className={`flag worry ${worry.look} ell`} title={worry.text}>
              {worry.text}
            </span>
          )}
        </RunName>
      </td>
      <td className="project">
        <ProjectName run={run} />
      </td>
      <td className="key">
        {metric ? (
          <span className="row key-metric">
            <Suspense fallback={<span className="spk" />}>
              <RunSpark run={run} metric={metric.key} isLive={!isSilent} />
            </Suspense>
            <span className="num w5">{formatValue(metric.value)}</span>
            <span className="meta ell" title={metric.key}>
              {metric.key}
            </span>
          </span>
        ) : (
          <span className="muted">nothing logged yet</span>
        )}
      </td>
      {haveProgress && (
        <td className="progress">
          {progress && (
            <span className="row">
              <span className={`meter ${isSilent ? "silent" : ""}`}>
                <i style={{ width: `${progress.part * 100}%` }} />
              </span>
              <span className="tn ell">
                {progress.count ? (
                  <>
                    {formatTick(progress.count.done)}{" "}
                    <span className="muted">
                      / {formatTick(progress.count.end)}
                      {progress.count.noun === "epochs" && " epochs"}
                    </span>
                  </>
                ) : (
                  `${Math.floor(progress.part * 100)} %`
                )}
              </span>
            </span>
          )}
        </td>
      )}
      {haveProgress && (
        <td className="number left">
          {progress &&
            (left === null || isSilent ? <span className="muted">unknown</span> : formatDuration(left))}
        </td>
      )}
      <td className="number runtime t2">
        <Runtime run={run} />
      </td>
      <td className="mono t2 machine" title={run.host ?? ""}>
        {run.host}
      </td>
    </tr>
  );
}
