/** Cells of the table of trials. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import type { SweepTrial } from "@/api/sweeps/trials";
import type { ProjectRef } from "@/api/types";
import { formatDuration, formatValue } from "@/data/text/format";
import { Ago, useNow } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { ReasonLink } from "../../reason-link";
import { SweepState } from "../sweep-state";
import { earlyTermination, parameterText } from "../sweep-words";
import { PARAMETER, VALUE } from "./trial-columns";
import { TrialNotes } from "./trial-notes";

export function trialCell(project: ProjectRef, sweep: Sweep, trial: SweepTrial, column: string): ReactNode {
  if (column.startsWith(VALUE)) {
    const at = sweep.metrics.findIndex(({ name }) => VALUE + name === column);
    const value = trial.values?.[at];
    return value === undefined ? null : <span title={String(value)}>{formatValue(value)}</span>;
  }
  if (column.startsWith(PARAMETER)) {
    const name = column.slice(PARAMETER.length);
    const value = trial.parameters[name];
    if (value === undefined) return null;
    return (
      <span className="ell" title={String(value)}>
        {parameterText(name, value)}
      </span>
    );
  }
  switch (column) {
    case "number":
      return <TrialName project={project} trial={trial} />;
    case "state":
      return <SweepState state={trial.stopped_early ? "stopped_early" : trial.state} />;
    case "duration":
      return <Duration trial={trial} />;
    case "agent":
      return trial.agent_number && <span title={trial.agent ?? ""}>agent-{trial.agent_number}</span>;
    case "given":
      return trial.state !== "queued" && <Ago micros={trial.given_micros} suffix=" ago" />;
    case "reason":
      return <Reason project={project} sweep={sweep} trial={trial} />;
    default:
      return <TrialNotes project={project} sweep={sweep} trial={trial} />;
  }
}

function TrialName({ project, trial }: { project: ProjectRef; trial: SweepTrial }) {
  return (
    <>
      <span className="muted tn trial-number">{trial.number}</span>
      {trial.name === null ? (
        <span className="muted">not begun</span>
      ) : (
        <Link to="/$entity/$project/runs/$run" params={{ ...project, run: trial.run }} className="row name">
          <MidName name={trial.name} />
        </Link>
      )}
    </>
  );
}

function Duration({ trial }: { trial: SweepTrial }) {
  if (trial.state === "queued") return null;
  if (trial.ended_micros === null) return <RunningFor micros={trial.given_micros} />;
  return formatDuration((trial.ended_micros - trial.given_micros) / 1e6);
}

function RunningFor({ micros }: { micros: number }) {
  return <span className="muted">{formatDuration(Math.max(0, useNow() / 1000 - micros / 1e6))}</span>;
}

/** Of a bad end as the script said it, else as the sweep sees it. */
function Reason({ project, sweep, trial }: { project: ProjectRef; sweep: Sweep; trial: SweepTrial }) {
  if (trial.stopped_early)
    return <span className="ell t2">behind others, by {earlyTermination(sweep) ?? "early termination"}</span>;
  if (trial.state !== "failed") return null;
  const text = trial.reason ?? trial.error ?? "";
  return (
    <ReasonLink
      project={project}
      run={trial.run}
      state={trial.name === null ? "absent" : "failed"}
      reason={text}
      className="ell trial-reason"
      title={trial.error === text ? text : `${text}\n${trial.error ?? ""}`}
    >
      {() => text}
    </ReasonLink>
  );
}
