/** A run set of a grid: its runs for the panels, and a line that says which they are. */

import { type ReactNode, useState } from "react";
import { projectId } from "@/api/projects";
import type { RunSet } from "@/data/report/document";
import { viewOfRuns } from "@/data/report/grid";
import { formatCount, formatNoun } from "@/data/text/format";
import { FIRST_VIEW } from "@/data/view/view";
import { Icon } from "@/ui/signs/icons";
import { partSentence } from "../../runs/filter/filter-words";
import { useFilterParts } from "../../runs/filter/use-filter";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";
import { useReport } from "../report-context";
import { isSame, numberedName, projectOf } from "./run-sets";
import { SetRunNames } from "./set-run-names";
import { useProjectOf } from "./use-project";
import { type SetRuns, useSetRuns } from "./use-set-runs";

interface RunSetEntryProps {
  readonly set: RunSet;
  /** Id of its grid, by which the pages of its runs are named; undefined: they are not listed. */
  readonly grid?: string | undefined;
  readonly name: string;
  readonly isShown: boolean;
  /** Undefined: it is the grid's only one. */
  readonly onTurn?: (() => void) | undefined;
  /** Called with the runs again whenever they change. Stable. */
  onRuns(id: string, runs: SetRuns): void;
}

export function RunSetEntry(props: RunSetEntryProps) {
  return (
    <RunSetView set={props.set}>
      <RunSetLine {...props} />
    </RunSetView>
  );
}

/** Gives components the view that chooses the runs of a set. */
export function RunSetView({ set, children }: { set: RunSet; children: ReactNode }) {
  const [store] = useState(() => createViewStore({ ...FIRST_VIEW, ...viewOfRuns(set) }, NO_BASE));
  return <ViewStoreProvider store={store}>{children}</ViewStoreProvider>;
}

interface RunSetLineProps extends RunSetEntryProps {
  /** In place of its name. */
  readonly title?: ReactNode;
  /** After the words. */
  readonly children?: ReactNode;
}

/** The line of a set whose view is around. */
export function RunSetLine(props: RunSetLineProps) {
  const { set, grid, name, isShown, onTurn, onRuns, title, children } = props;
  const project = useProjectOf(set);
  const { runs, nShown, total, isKnown, error } = useSetRuns(project, set, onRuns);
  const count = !isKnown
    ? ""
    : error
      ? "not read"
      : nShown < total
        ? `${formatCount(nShown)} of ${formatNoun(total, "run")}`
        : formatNoun(total, "run");
  return (
    <li className={isShown ? "" : "off"}>
      {onTurn ? (
        <button
          type="button"
          className="btn q sm ico"
          aria-pressed={isShown}
          aria-label={`Show the runs of ${name}`}
          onClick={onTurn}
        >
          <Icon name={isShown ? "eye" : "eyeoff"} isSmall />
        </button>
      ) : (
        <Icon name="layers" isSmall />
      )}
      {title ?? <b>{name}</b>}
      {grid !== undefined && isKnown && !error && runs.length > 0 ? (
        <SetRunNames grid={grid} project={project} set={name} count={count} runs={runs} nShown={nShown} />
      ) : (
        <span className="badge tn" title={error?.message}>
          {count}
        </span>
      )}
      <Words set={set} />
      {children}
    </li>
  );
}

/** A sentence on the runs of a set: the parts of its filter, its groups. */
function Words({ set }: { set: RunSet }) {
  const { parts, error } = useFilterParts();
  const { filter, runSearch, groupBy, selection } = set;
  const { project: own } = useReport();
  const project = projectOf(set, own);
  const words = [
    ...(isSame(project, own) ? [] : [`of ${numberedName(project) ?? projectId(project)}`]),
    ...(error ? [filter] : parts.map(partSentence)),
    ...(runSearch ? [`named like ${runSearch}`] : []),
    ...(selection.base === "newest" ? ["the newest"] : []),
    ...(groupBy.length > 0
      ? [`grouped by ${groupBy.map((column) => column.replace(/^(config|summary)\./, "")).join(", ")}`]
      : []),
  ].join(", ");
  return (
    <span className="words ell" title={filter ? `${words}\n${filter}` : words}>
      {words}
    </span>
  );
}
