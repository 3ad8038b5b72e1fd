/** A run set of a grid: its runs for the panels, and a line that says which they are. */

import { useCallback, useEffect, useState } from "react";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import type { RunSet } from "@/data/report/document";
import { viewOfRuns } from "@/data/report/grid";
import { formatCount, formatNoun } from "@/data/text/format";
import { FIRST_VIEW } from "@/data/view/view";
import type { PanelSet } from "@/panels/panel-props";
import { Icon } from "@/ui/signs/icons";
import { partSentence } from "../../runs/filter/filter-words";
import { useFilterParts } from "../../runs/filter/use-filter";
import { useBaseline } from "../../runs/use-baseline";
import { usePanelGroups, usePanelList } from "../../runs/use-panel-list";
import { usePanelRuns } from "../../runs/use-panel-runs";
import { useRuns } from "../../runs/use-runs";
import { useShownRuns } from "../../runs/use-shown-runs";
import { createViewStore, NO_BASE } from "../../view/held-view";
import { ViewStoreProvider } from "../../view/view-store";

/** The runs of a set as panels draw them. */
export interface SetRuns {
  readonly panels: PanelSet;
  readonly isSettled: boolean;
  /** The runs of the set are known, or could not be read. */
  readonly isKnown: boolean;
  readonly error: Error | null;
}

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
  const { set } = props;
  const [store] = useState(() => createViewStore({ ...FIRST_VIEW, ...viewOfRuns(set) }, NO_BASE));
  return (
    <ViewStoreProvider store={store}>
      <Entry {...props} />
    </ViewStoreProvider>
  );
}

const NO_COLUMNS: readonly string[] = [];

function Entry({ project, set, name, isShown, onTurn, onRuns }: RunSetEntryProps) {
  const runs = useRuns(project, NO_COLUMNS);
  const shown = useShownRuns(project, runs);
  const { colorOf: listColor } = runs;
  const colorOf = useCallback(
    (run: RunRow) => (set.colorBy === null ? set.runColors[run.id] : undefined) ?? listColor(run),
    [set, listColor],
  );
  const { panelRuns, runIds } = usePanelRuns(shown.drawn, colorOf);
  const baseline = useBaseline(project);
  const list = usePanelList(runs.request);
  const groups = usePanelGroups(runs.listedGroups);
  const { nShown, isSettled, isCounted } = shown;
  const { error, total, groupColors } = runs;
  const by = runs.request.by;
  const isKnown = error !== null || (!runs.isPending && (isCounted || total === 0));
  useEffect(() => {
    const panels: PanelSet = {
      project,
      runs: panelRuns,
      runIds,
      ...(nShown > panelRuns.length && panelRuns.length > 0 && { nShown }),
      nHidden: total - nShown,
      groupBy: by,
      groups,
      groupColors,
      baseline,
      list,
    };
    onRuns(set.id, { panels, isSettled, isKnown, error });
  }, [
    onRuns,
    set.id,
    project,
    panelRuns,
    runIds,
    nShown,
    total,
    by,
    groups,
    groupColors,
    baseline,
    list,
    isSettled,
    isKnown,
    error,
  ]);
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
