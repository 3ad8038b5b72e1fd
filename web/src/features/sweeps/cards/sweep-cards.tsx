/** The results of a sweep in numbers: its best value, and the ends of its runs. */

import { Link } from "@tanstack/react-router";
import type { Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { MidName } from "@/ui/text/mid-name";
import { nRuns, valueText } from "../sweep-words";
import type { RunNames } from "../use-run-names";

/** The server names no more runs of a front. */
const MOST_FRONT = 200;

interface SweepCardsProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly names: RunNames;
}

export function SweepCards(props: SweepCardsProps) {
  const { sweep } = props;
  const { counts, n_expected: nExpected } = sweep;
  return (
    <section className="sweep-cards" aria-label="Results">
      <BestCard {...props} />
      <NumberCard label="Trials" n={nRuns(sweep)} of={nExpected} state={undefined} />
      <NumberCard label="Stopped early" n={counts.stopped_early} state="stopped_early" />
      <NumberCard label="Failed" n={counts.failed} state="failed" />
      <Progress sweep={sweep} />
    </section>
  );
}

function BestCard({ project, sweep: { best, metrics, front }, names }: SweepCardsProps) {
  if (metrics.length > 1)
    return (
      <div className="card sweep-card">
        <span className="label">Pareto front</span>
        <span className="value">
          {formatCount(front.length)}
          {front.length === MOST_FRONT && " or more"}
          <small>{front.length === 1 ? "run" : "runs"} that no other run is better than</small>
        </span>
      </div>
    );
  const metric = metrics[0]?.name;
  if (metric === undefined)
    return (
      <div className="card sweep-card">
        <span className="label">Metric</span>
        <span className="value">
          <small>none: the sweep hands out parameters and compares nothing</small>
        </span>
      </div>
    );
  return (
    <div className="card sweep-card">
      <span className="label ell" title={metric}>
        Best {metric}
      </span>
      <span className="value">
        {best ? valueText(best) : "–"}
        {best ? (
          <small>
            <Link to="/$entity/$project/runs/$run" params={{ ...project, run: best.run }}>
              <MidName name={names.get(best.run) ?? best.run} />
            </Link>
          </small>
        ) : (
          <small>no run has a value yet</small>
        )}
      </span>
    </div>
  );
}

interface NumberCardProps {
  readonly label: string;
  readonly n: number;
  readonly of?: number | null;
  /** The trials that a click lists; undefined for all. */
  readonly state: string | undefined;
}

function NumberCard({ label, n, of = null, state }: NumberCardProps) {
  return (
    <div className="card sweep-card">
      <span className="label">{label}</span>
      <span className="value">
        {n === 0 ? (
          n
        ) : (
          <Link
            to="."
            search={((before: object) => ({ ...before, state })) as never}
            hash="trials"
            replace
            title="List them"
          >
            {formatCount(n)}
          </Link>
        )}
        {of !== null && <small>of {formatCount(of)}</small>}
      </span>
    </div>
  );
}

/** Runs by state as one bar: its whole length is the expected number of runs. */
function Progress({ sweep }: { sweep: Sweep }) {
  const { counts, n_expected: nExpected } = sweep;
  const parts = [
    { of: "finished", n: counts.finished - counts.stopped_early },
    { of: "stopped early", n: counts.stopped_early },
    { of: "running", n: counts.running },
    { of: "failed", n: counts.failed },
    { of: "queued", n: counts.queued },
  ].filter(({ of, n }) => n > 0 || of === "finished");
  const nLeft = nExpected === null ? null : Math.max(0, nExpected - nRuns(sweep));
  return (
    <div className="card sweep-card progress">
      <span className="key tn">
        {parts.map(({ of, n }) => (
          <span key={of}>
            <i className={of.replace(" ", "-")} />
            {formatCount(n)} {of}
          </span>
        ))}
        <span className="grow" />
        {nLeft !== null && <span className="muted">{formatCount(nLeft)} to go</span>}
      </span>
      <span className="stacked" aria-hidden="true">
        {parts.map(
          ({ of, n }) => n > 0 && <i key={of} className={of.replace(" ", "-")} style={{ flexGrow: n }} />,
        )}
        {nLeft !== null && nLeft > 0 && <i style={{ flexGrow: nLeft }} />}
      </span>
    </div>
  );
}
