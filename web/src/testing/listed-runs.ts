import type { RunGroup } from "@/api/runs/groups";
import type { RunRow } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { type GroupLevel, groupedRows, plainRows, type RowSequence } from "@/data/runs/run-rows";
import { groupId } from "@/data/view/view";
import { selectedIds } from "@/features/runs/actions/run-selection";
import type { Runs } from "@/features/runs/use-runs";

export function runCalled(name: string): RunRow {
  return { id: `id-${name}`, name, state: "finished", color: 1, tags: [], values: {} };
}

/** A list without groups. `isHere`: runs that are not on their way. */
export function listOf(names: readonly string[], isHere: (name: string) => boolean = () => true): Runs {
  const runAt = (index: number) => (isHere(names[index]!) ? runCalled(names[index]!) : null);
  return listed(plainRows(names.length), names.length, ({ index }) => runAt(index));
}

/** A list in groups: of each its name and the names of its runs. `open`: names of groups. */
export function groupsOf(
  groups: Readonly<Record<string, readonly string[]>>,
  open: readonly string[],
  nMore = 0,
): Runs {
  const all: RunGroup[] = Object.entries(groups).map(([name, runs]) => ({
    values: [name],
    nRuns: runs.length,
    figures: {},
  }));
  const level: GroupLevel<RunGroup> = { groups: all, total: all.length + nMore };
  const ids = new Set(open.map((name) => groupId([name])));
  const sequence = groupedRows<RunGroup>(
    1,
    () => level,
    (values) => ids.has(groupId(values)),
  );
  const total = Object.values(groups).flat().length;
  return {
    ...listed(sequence, total, ({ under, index }) => runCalled(groups[String(under![0])]![index]!)),
    groups: all,
    nGroups: all.length + nMore,
  };
}

function listed(sequence: RowSequence<RunGroup>, total: number, runAt: Runs["runAt"]): Runs {
  const nothing = () => {};
  return {
    groupColors: {},
    drawnGroups: [],
    colorOf: ({ color }) => color,
    request: {
      filter: "",
      search: "",
      isRegex: false,
      order: [],
      columns: [],
      by: [],
      aggregates: [],
      groupOrder: [],
    },
    openAtFirst: [],
    nRows: sequence.n,
    rowAt: sequence.at,
    runAt,
    indexOfGroup: sequence.indexOfGroup,
    groups: [],
    listedGroups: [],
    nGroups: 0,
    firstPage: [],
    running: new Set(),
    total,
    isPending: false,
    isOld: false,
    error: null,
    nWaiting: 0,
    hasMoved: false,
    onHold: nothing,
    onRange: nothing,
    showMore: nothing,
    retry: nothing,
  };
}

/** All that was begun and asks no server is done after it. */
export function turn(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

/** Names of the runs that are selected in a project, once what was begun is done. */
export async function selectedNames(project: ProjectRef): Promise<string[]> {
  await turn();
  return [...selectedIds(project)].map((id) => id.replace("id-", "")).sort();
}

/** A key as it is pressed: `Shift+ArrowDown`, `Control+a`. */
export function pressed(keys: string) {
  const key = keys.replace(/^(Shift\+|Control\+)*/, "");
  return {
    key,
    shiftKey: keys.includes("Shift+"),
    ctrlKey: keys.includes("Control+"),
    metaKey: false,
  };
}
