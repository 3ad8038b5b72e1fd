/**
 * Changes of a grid's views, as changes of its members in the document. Pure.
 *
 * Only what a change touches is written, and members that this page does not know stay. So two people who change two
 * panels, or two members of one, both win.
 */

import { makePanel, newPanelId, type Panel, panelIdOf } from "../view/panel";
import { FIRST_VIEW, type View } from "../view/view";
import type { RunSet } from "./document";
import { NEWEST_ID } from "./grid";
import { GRID_SECTION, orderOf, readGrid } from "./read";

/** Members of a grid as they are in the document. */
export type GridMembers = Readonly<Record<string, unknown>>;

type Parts = Readonly<Record<string, GridMembers>>;

/** The parts of a grid by id: `panels` or `runSets`. */
function partsOf(members: GridMembers, name: "panels" | "runSets"): Parts {
  return recordOf(members[name]) as Parts;
}

function recordOf(value: unknown): GridMembers {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as GridMembers) : {};
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** The changed members of the document after a change of the view; null: no member changed. */
export function editPanels(
  members: GridMembers,
  gridId: string,
  before: View,
  after: View,
): GridMembers | null {
  const part: Record<string, unknown> = {};
  const panels = editedPanels(members, gridId, before, after);
  if (panels) part.panels = panels;
  const order = after.sections[GRID_SECTION]?.order ?? [];
  if (panels || !isSame(before.sections[GRID_SECTION]?.order ?? [], order)) {
    const next = orderedIds(members, panels ?? partsOf(members, "panels"), gridId, order);
    if (!isSame(members.panelOrder, next)) part.panelOrder = next;
  }
  if (!isSame(before.settings, after.settings))
    part.settings = withDifferences(recordOf(members.settings), before.settings, after.settings);
  return Object.keys(part).length > 0 ? part : null;
}

function editedPanels(members: GridMembers, gridId: string, before: View, after: View): Parts | null {
  if (before.panels === after.panels) return null;
  const parts: Record<string, GridMembers> = { ...partsOf(members, "panels") };
  let isEdited = false;
  for (const id of Object.keys(before.panels)) {
    if (Object.hasOwn(after.panels, id)) continue;
    delete parts[documentId(gridId, id)];
    isEdited = true;
  }
  for (const [id, panel] of Object.entries(after.panels)) {
    const old = before.panels[id];
    if (old && isSame(old, panel)) continue;
    const own = documentId(gridId, id);
    parts[own] = editedPanel(parts[own] ?? {}, old ?? null, panel);
    isEdited = true;
  }
  return isEdited ? parts : null;
}

/** The id of a panel in the document; a new one has it on the page, too. */
function documentId(gridId: string, id: string): string {
  const prefix = panelIdOf(gridId, "");
  return id.startsWith(prefix) ? id.slice(prefix.length) : id;
}

const FIRST_PANEL = makePanel("", "line", GRID_SECTION);

function editedPanel(part: GridMembers, before: Panel | null, after: Panel): GridMembers {
  const next: Record<string, unknown> = { ...part };
  const { id: _, section: __, ...fields } = after;
  for (const [name, value] of Object.entries(fields) as [keyof Panel, unknown][]) {
    if (before && isSame(before[name], value)) continue;
    if (name === "settings" || name === "options")
      next[name] = withDifferences(recordOf(part[name]), before?.[name] ?? {}, after[name]);
    else next[name] = value;
    if (name !== "kind" && isSame(next[name], FIRST_PANEL[name])) delete next[name];
  }
  return next;
}

/** A record with what differs between two states of it. */
function withDifferences(record: GridMembers, before: object, after: object): GridMembers {
  const next: Record<string, unknown> = { ...record };
  const [old, now] = [before as GridMembers, after as GridMembers];
  for (const name of Object.keys(old)) if (!Object.hasOwn(now, name)) delete next[name];
  for (const [name, value] of Object.entries(now)) if (!isSame(old[name], value)) next[name] = value;
  return next;
}

/** The order of the view; panels of unknown kinds stay behind the one that they follow. */
function orderedIds(
  members: GridMembers,
  panels: Parts,
  gridId: string,
  order: readonly string[],
): readonly string[] {
  const listed = order.map((id) => documentId(gridId, id)).filter((id) => Object.hasOwn(panels, id));
  const next = [...new Set(listed)];
  const shown = new Set(next);
  let previous: string | null = null;
  for (const id of orderOf(members.panelOrder, panels)) {
    if (!shown.has(id)) next.splice(previous === null ? 0 : next.indexOf(previous) + 1, 0, id);
    previous = id;
  }
  return next;
}

/** Of a grid without run sets, which goes on drawing the newest runs once it has some. */
const NEWEST_RUNS: GridMembers = { selection: FIRST_VIEW.selection };

/** The members of a view that a run set has, as they are at first. */
const FIRST_RUNS = {
  filter: "",
  runSearch: "",
  isRunRegex: false,
  groupBy: [],
  order: [],
  selection: { base: "all", on: [], off: [] },
  baseline: null,
  colorBy: null,
  groupColors: {},
} as const satisfies Partial<View>;

/** The changed members of a grid after a change of a run set's view; null: no member changed. */
export function editRuns(members: GridMembers, setId: string, before: View, after: View): GridMembers | null {
  const names = Object.keys(FIRST_RUNS) as (keyof typeof FIRST_RUNS)[];
  const changed = names.filter((name) => !isSame(before[name], after[name]));
  if (changed.length === 0) return null;
  const fields = changed.map((name) => [
    name,
    isSame(after[name], FIRST_RUNS[name]) ? undefined : after[name],
  ]);
  return editRunSet(members, setId, Object.fromEntries(fields));
}

/** Sets members of a run set; those that are undefined are removed. */
export function editRunSet(members: GridMembers, setId: string, fields: GridMembers): GridMembers {
  const sets = partsOf(members, "runSets");
  const part = sets[setId] ?? NEWEST_RUNS;
  const next = Object.entries({ ...part, ...fields }).filter(([, value]) => value !== undefined);
  return { runSets: { ...sets, [setId]: Object.fromEntries(next) } };
}

/** The members with one more run set at the end: a new one, or a copy of another. */
export function addRunSet(members: GridMembers, gridId: string, of: RunSet | null): GridMembers {
  const stored = partsOf(members, "runSets");
  const sets = Object.keys(stored).length > 0 ? stored : { [NEWEST_ID]: NEWEST_RUNS };
  const { runSets } = readGrid({ ...members, runSets: sets }, gridId);
  const id = newPanelId();
  const ids = runSets.map((set) => set.id);
  if (of === null) return { runSets: { ...sets, [id]: { name: "" } }, runSetOrder: [...ids, id] };
  const copy = { ...sets[of.id], ...(of.name !== "" && { name: `${of.name} (copy)` }) };
  const at = ids.indexOf(of.id) + 1;
  return {
    runSets: { ...sets, [id]: copy },
    runSetOrder: [...ids.slice(0, at), id, ...ids.slice(at)],
  };
}

export function removeRunSet(members: GridMembers, setId: string): GridMembers {
  const { [setId]: _, ...runSets } = partsOf(members, "runSets");
  const order = orderOf(members.runSetOrder, runSets);
  return { runSets, runSetOrder: order };
}
