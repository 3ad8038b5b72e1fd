/** The columns that a share may sort, group and color its runs by, as the server has them. Pure. */

import type { Order, View } from "@/data/view/view";

const NONE: readonly string[] = [];

/** Columns of runs that shares of several runs show, and those of one panel do not. */
const UNSHOWN_OF_PANELS = ["notes", "group", "job_type", "started", "heartbeat"];

interface Grouping {
  readonly groupBy?: readonly string[] | null;
}

/** The columns of runs, besides config and summary, that a share shows, as the server has them. */
const SHOWN = [
  "id",
  "name",
  "notes",
  "tags",
  "state",
  "created",
  "started",
  "ended",
  "heartbeat",
  "runtime",
  "group",
  "job_type",
];

/** The sort keys of a view that its share has; it hides the columns that name people and machines. */
export function orderOf({ order }: Pick<View, "order">): readonly Order[] {
  return order.filter(({ column }) => isShownColumn(column));
}

/** Whether a share of several runs may be sorted and grouped by a column. */
function isShownColumn(column: string): boolean {
  return /^(config|summary)\./.test(column) || SHOWN.includes(column);
}

/** The view with the groups and colors of the columns that its share shows, without those of people and machines. */
export function withShownGroups(view: View): View {
  return {
    ...view,
    groupBy: view.groupBy.filter(isShownColumn),
    colorBy: view.colorBy !== null && isShownColumn(view.colorBy) ? view.colorBy : null,
    settings: withShownBy(view.settings),
    sections: partsWithShownBy(view.sections),
    panels: partsWithShownBy(view.panels),
  };
}

/** The columns that a shared panel groups its runs by, of those that its page may ask for. */
export function panelGroups(groupBy: readonly string[] | null | undefined): readonly string[] {
  return (groupBy ?? NONE).filter((column) => isShownColumn(column) && !UNSHOWN_OF_PANELS.includes(column));
}

function withShownBy<S extends Grouping | undefined>(settings: S): S {
  const groupBy = settings?.groupBy;
  return groupBy ? { ...settings, groupBy: groupBy.filter(isShownColumn) } : settings;
}

function partsWithShownBy<P extends { readonly settings?: Grouping }>(
  parts: Readonly<Record<string, P>>,
): Readonly<Record<string, P>> {
  return Object.fromEntries(
    Object.entries(parts).map(([id, part]) => [id, { ...part, settings: withShownBy(part.settings) }]),
  );
}
