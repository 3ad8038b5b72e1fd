/** A line on what became of the runs of a grid since its figure was stored, with a list of them. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import type { Figure } from "@/data/report/figure";
import { CHANGE_TITLES, changesSentence, compareRuns, type RunMoment } from "@/data/report/run-changes";
import { formatMoment } from "@/data/text/format";
import { Popover } from "@/ui/overlays/popover";
import { RunSetView } from "../grid/run-set-entry";
import { type SetRuns, useSetRuns } from "../grid/use-set-runs";
import { MOST_RUNS, momentOf, momentsRequest, readMoments } from "./run-moments";

interface RunChangesLineProps {
  readonly project: ProjectRef;
  readonly sets: readonly RunSet[];
  readonly figure: Figure;
  /** The grid shows the runs as they are now. */
  readonly isNow?: boolean;
}

/** Reads the runs as they are now: its queries are answered by the server. */
export function RunChangesLine({ project, sets: all, figure, isNow = false }: RunChangesLineProps) {
  const sets = useMemo(() => all.filter(({ id }) => figure.runSets.has(id)), [all, figure]);
  const [answers, setAnswers] = useState<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback(
    (id: string, runs: SetRuns) => setAnswers((before) => new Map(before).set(id, runs)),
    [],
  );
  const then = useMemo(() => runsThen(sets, figure), [sets, figure]);
  const parts = sets.flatMap(({ id }) => answers.get(id) ?? []);
  const isKnown = parts.length === sets.length && parts.every((runs) => runs.isKnown && runs.isSettled);
  const shownNow = isKnown ? [...new Set(parts.flatMap(({ panels }) => panels.runIds))] : [];
  const ids = [...new Set([...then.map(({ id }) => id), ...shownNow])];
  const { data, isError } = useQuery({
    ...rowsQuery(project, momentsRequest(ids), null, 0, MOST_RUNS),
    enabled: isKnown && ids.length > 0,
    staleTime: 0,
  });
  const error = parts.find((runs) => runs.error)?.error ?? null;
  const isRefused = error !== null || isError;
  const now = new Map(data?.rows.map((row) => [row.id, momentOf(row)]));
  const changes =
    !isRefused && isKnown && (data || ids.length === 0) ? compareRuns(then, shownNow, now) : null;
  const sentence = changes && changesSentence(changes);
  return (
    <p className="grid-changes">
      {sets.map((set) => (
        <RunSetView key={set.id} set={set}>
          <SetReader project={project} set={set} onRuns={onRuns} />
        </RunSetView>
      ))}
      <span className="words">
        {isNow ? "Since" : "As of"} {formatMoment(figure.capturedMicros)}
        {isNow ? ":" : "."}
      </span>{" "}
      {isRefused && <span className="words">The runs as they are now could not be read.</span>}
      {sentence === "" && (
        <span className="words">{isNow ? "no run has changed." : "No run has changed since."}</span>
      )}
      {changes && sentence && (
        <Popover
          label="Changes of the runs since"
          width={320}
          target={
            <button type="button" className="changes">
              {sentence}
            </button>
          }
        >
          <div className="run-changes">
            {(Object.keys(CHANGE_TITLES) as (keyof typeof CHANGE_TITLES)[]).map((kind) => (
              <ChangedRuns
                key={kind}
                title={CHANGE_TITLES[kind]}
                runs={changes[kind]}
                project={kind === "deleted" ? null : project}
                now={now}
              />
            ))}
          </div>
        </Popover>
      )}
    </p>
  );
}

function runsThen(sets: readonly RunSet[], { runSets }: Figure): readonly RunMoment[] {
  const runs = sets.flatMap(({ id }) => {
    const answer = runSets.get(id);
    return answer ? readMoments(answer) : [];
  });
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}

interface SetReaderProps {
  readonly project: ProjectRef;
  readonly set: RunSet;
  onRuns(id: string, runs: SetRuns): void;
}

function SetReader({ project, set, onRuns }: SetReaderProps) {
  useSetRuns(project, set, onRuns);
  return null;
}

/** Of a long list the rest is counted. */
const MOST_NAMED = 30;

interface ChangedRunsProps {
  readonly title: string;
  readonly runs: readonly RunMoment[];
  /** Null: their pages are gone. */
  readonly project: ProjectRef | null;
  readonly now: ReadonlyMap<string, RunMoment>;
}

function ChangedRuns({ title, runs, project, now }: ChangedRunsProps) {
  if (runs.length === 0) return null;
  return (
    <section>
      <h4>{title}</h4>
      <ul>
        {runs.slice(0, MOST_NAMED).map(({ id, name }) => (
          <li key={id}>
            {project && now.has(id) ? (
              <Link to="/$entity/$project/runs/$run" params={{ ...project, run: id }}>
                {name}
              </Link>
            ) : (
              name
            )}{" "}
            <span className="muted">{now.get(id)?.state ?? "deleted"}</span>
          </li>
        ))}
        {runs.length > MOST_NAMED && <li className="muted">and {runs.length - MOST_NAMED} others</li>}
      </ul>
    </section>
  );
}
