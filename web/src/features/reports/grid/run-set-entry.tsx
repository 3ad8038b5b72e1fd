/** A run set of a grid: its runs for the panels, and a line that says which they are. */

import { type ReactNode, useState } from "react";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import { viewOfRuns } from "@/data/report/grid";
import { formatCount, formatNoun } from "@/data/text/format";
import { FIRST_VIEW } from "@/data/view/view";
import { Icon } from "@/ui/signs/icons";
import { partSentence } from "../../runs/filter/filter-words";
import { useFilterParts } from "../../runs/filter/use-filter";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";
import { type SetRuns, useSetRuns } from "./use-set-runs";

interface RunSetEntryProps {
  readonly project: ProjectRef;
  readonly set: RunSet;
  readonly name: string;
  readonly isShown: boolean;
  /** Absent: it is the grid's only one. */
  onTurn?(): void;
  /** Called with the runs again whenever they change. Stable. */
  onRuns(id: string, runs: SetRuns): void;
}

export function RunSetEntry(props: RunSetEntryProps) {
  return (
    <RunSetView set={props.set}>
      <Entry {...props} />
    </RunSetView>
  );
}

/** Gives components the view that chooses the runs of a set. */
export function RunSetView({ set, children }: { set: RunSet; children: ReactNode }) {
  const [store] = useState(() => createViewStore({ ...FIRST_VIEW, ...viewOfRuns(set) }, NO_BASE));
  return <ViewStoreProvider store={store}>{children}</ViewStoreProvider>;
}

function Entry({ project, set, name, isShown, onTurn, onRuns }: RunSetEntryProps) {
  const { nShown, total, isKnown, error } = useSetRuns(project, set, onRuns);
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
      <b>{name}</b>
      <span className="badge tn" title={error?.message}>
        {count}
      </span>
      <Words set={set} />
    </li>
  );
}

/** A sentence on the runs of a set: the parts of its filter, its groups. */
function Words({ set }: { set: RunSet }) {
  const { parts, error } = useFilterParts();
  const { filter, runSearch, groupBy, selection } = set;
  const words = [
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
