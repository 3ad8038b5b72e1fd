import type { MediaItem } from "@/api/files/media";
import type { Schemas } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import type { MediaGroup } from "../media/grid/media-groups";
import type { PanelRun } from "../panel-props";

export interface TableEntry {
  /** The run's id and the table's index among those that it logged at once. */
  readonly id: string;
  readonly run: PanelRun;
  /** `name:v3` if it is a file of this version of an artifact, and not of the run. */
  readonly artifact?: string | null;
  /** Rows that this file of a version has as well are left out. */
  readonly minus?: Schemas["VersionTable"];
  /** The metric that holds it. Null: it is a file that no metric names. */
  readonly key: string | null;
  readonly step: number | null;
  /** Null: the run has none up to this step. */
  readonly item: MediaItem | null;
  readonly label: string;
  /** The tables whose rows this one has, one table after another. */
  readonly union?: readonly TableEntry[];
}

/** Choice of one table with the rows of all runs. */
export const ALL_RUNS = "all";

/** Most tables that the server unites. */
const MOST_UNITED = 100;

/** One table of the rows of all stored tables, with a column of their runs. Null if fewer than two are stored. */
export function unionOf(entries: readonly TableEntry[]): TableEntry | null {
  const tables = entries.filter(({ item }) => item?.join === null);
  const union = tables.filter(({ item }) => item?.file.state === "stored").slice(0, MOST_UNITED);
  const [first] = union;
  if (union.length < 2 || !first) return null;
  // two runs of one name are two values of the column
  const isUnique = ({ label }: TableEntry) => union.filter((entry) => entry.label === label).length === 1;
  const labelled = union.map((entry) =>
    isUnique(entry) ? entry : { ...entry, label: `${entry.label} · ${entry.run.id}` },
  );
  const all = formatNoun(tables.length, "table");
  const label = union.length < tables.length ? `${union.length} of ${all}` : `All ${all}`;
  return { ...first, id: ALL_RUNS, label, union: labelled };
}

export function tableEntries(groups: readonly MediaGroup[]): TableEntry[] {
  return groups.flatMap(({ run, key, step, items }): TableEntry[] => {
    if (items.length === 0) return [{ id: `${run.id} 0`, run, key, step, item: null, label: run.name }];
    return items.map((item, i) => ({
      id: `${run.id} ${i}`,
      run,
      key,
      step,
      item,
      label: items.length > 1 ? `${run.name}, ${i + 1} of ${items.length}` : run.name,
    }));
  });
}

/** The chosen entry; if its run is not shown, the first entry with a table. */
export function chosenEntry(entries: readonly TableEntry[], chosen: string | null): TableEntry | null {
  const union = chosen === ALL_RUNS ? unionOf(entries) : null;
  return (
    union ??
    entries.find(({ id }) => id === chosen) ??
    entries.find(({ item }) => item !== null) ??
    entries[0] ??
    null
  );
}

/** Up to `n` entries with a table that follow `from`; after the last entry comes the first. */
export function nextEntries(entries: readonly TableEntry[], from: TableEntry, n: number): TableEntry[] {
  const at = entries.indexOf(from);
  const after = [...entries.slice(at + 1), ...entries.slice(0, Math.max(0, at))];
  return after.filter(({ item }) => item !== null).slice(0, n);
}
