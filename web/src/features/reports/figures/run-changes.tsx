/** A line on what became of the runs of a grid since its figure was stored, with a list of them. */

import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { rowsQuery } from "@/api/runs/run-rows";
import { runKeyIn, runOfKey, runsByProject } from "@/api/several-projects/run-keys";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import type { Figure } from "@/data/report/figure";
import { CHANGE_TITLES, changesSentence, compareRuns, type RunMoment } from "@/data/report/run-changes";
import { formatMoment } from "@/data/text/format";
import { Popover } from "@/ui/overlays/popover";
import { RunSetView } from "../grid/run-set-entry";
import { projectOf } from "../grid/run-sets";
import { useProjectOf } from "../grid/use-project";
import { type SetRuns, useSetRuns } from "../grid/use-set-runs";
import { useReport } from "../report-context";
import { capturedMicrosOf, storedSets } from "./project-figures";
import { MOST_RUNS, momentOf, momentsRequest, readMoments } from "./run-moments";

interface RunChangesLineProps {
  /** Of the grid's panels. */
  readonly project: ProjectRef;
  readonly sets: readonly RunSet[];
  /** Of the projects whose runs are told of. */
  readonly figures: readonly Figure[];
  /** The grid shows the runs as they are now. */
  readonly isNow?: boolean;
}

/** Reads the runs as they are now: its queries are answered by the server. */
export function RunChangesLine({ project, sets: all, figures, isNow = false }: RunChangesLineProps) {
  const { project: own } = useReport();
  const sets = useMemo(() => storedSets(all, figures), [all, figures]);
  const [answers, setAnswers] = useState<ReadonlyMap<string, SetRuns>>(new Map());
  const onRuns = useCallback(
    (id: string, runs: SetRuns) => setAnswers((before) => new Map(before).set(id, runs)),
    [],
  );
  const then = useMemo(
    () => runsThen(sets, figures, (set, id) => runKeyIn(project, projectOf(set, own), id)),
    [sets, figures, project, own],
  );
  const parts = sets.flatMap(({ id }) => answers.get(id) ?? []);
  const isKnown = parts.length === sets.length && parts.every((runs) => runs.isKnown && runs.isSettled);
  const shown = parts.flatMap(({ panels }) =>
    panels.runIds.map((id) => runKeyIn(project, panels.project, id)),
  );
  const shownNow = isKnown ? [...new Set(shown)] : [];
  const ids = [...new Set([...then.map(({ id }) => id), ...shownNow])];
  const { now, isRead, isError } = useRunsNow(project, ids, isKnown);
  const isRefused = isError || parts.some(({ error }) => error !== null);
  const changes = !isRefused && isKnown && isRead ? compareRuns(then, shownNow, now) : null;
  const sentence = changes && changesSentence(changes);
  return (
    <p className="grid-changes">
      {sets.map((set) => (
        <RunSetView key={set.id} set={set}>
          <SetReader set={set} onRuns={onRuns} />
        </RunSetView>
      ))}
      <span className="words">
        {isNow ? "Since" : "As of"} {formatMoment(capturedMicrosOf(figures))}
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
                project={project}
                now={now}
              />
            ))}
          </div>
        </Popover>
      )}
    </p>
  );
}

/** Some runs as they are now, by key. */
function useRunsNow(project: ProjectRef, keys: readonly string[], isOn: boolean) {
  const parts = keys.length > 0 ? runsByProject(project, keys) : [];
  const answers = useQueries({
    queries: parts.map(({ ref, ids }) => ({
      ...rowsQuery(ref, momentsRequest(ids), null, 0, MOST_RUNS),
      enabled: isOn,
      staleTime: 0,
    })),
  });
  const runs = answers.flatMap(({ data }, i) =>
    (data?.rows ?? []).map((row) => ({ ...momentOf(row), id: parts[i]!.keyOf(row.id) })),
  );
  return {
    now: new Map(runs.map((run) => [run.id, run])),
    isRead: answers.every(({ data }) => data !== undefined),
    isError: answers.some(({ isError }) => isError),
  };
}

/** The runs that the sets showed, by their keys. */
function runsThen(
  sets: readonly RunSet[],
  figures: readonly Figure[],
  keyOf: (set: RunSet, id: string) => string,
): readonly RunMoment[] {
  const runs = sets.flatMap((set) => {
    const answer = figures.find(({ runSets }) => runSets.has(set.id))?.runSets.get(set.id);
    return answer ? readMoments(answer).map((run) => ({ ...run, id: keyOf(set, run.id) })) : [];
  });
  return [...new Map(runs.map((run) => [run.id, run])).values()];
}

interface SetReaderProps {
  readonly set: RunSet;
  onRuns(id: string, runs: SetRuns): void;
}

function SetReader({ set, onRuns }: SetReaderProps) {
  useSetRuns(useProjectOf(set), set, onRuns);
  return null;
}

/** Of a long list the rest is counted. */
const MOST_NAMED = 30;

interface ChangedRunsProps {
  readonly title: string;
  readonly runs: readonly RunMoment[];
  /** Of the grid's panels. */
  readonly project: ProjectRef;
  /** By key; those that are deleted have no page. */
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
            {now.has(id) ? <RunLink project={project} run={id} name={name} /> : name}{" "}
            <span className="muted">{now.get(id)?.state ?? "deleted"}</span>
          </li>
        ))}
        {runs.length > MOST_NAMED && <li className="muted">and {runs.length - MOST_NAMED} others</li>}
      </ul>
    </section>
  );
}

interface RunLinkProps {
  readonly project: ProjectRef;
  /** Its key. */
  readonly run: string;
  readonly name: string;
}

function RunLink({ project, run, name }: RunLinkProps) {
  const { ref, id } = runOfKey(project, run);
  return (
    <Link to="/$entity/$project/runs/$run" params={{ ...ref, run: id }}>
      {name}
    </Link>
  );
}
