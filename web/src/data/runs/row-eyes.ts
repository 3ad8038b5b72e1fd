/** The eyes of a list's rows: which are open, and what closing or opening one changes. Pure. */

import { groupId } from "../view/view";
import type { ListedGroup, Row } from "./run-rows";
import { isGroupShown, isRunShown, isShownByIndex, type Shown, withGroup, withRuns } from "./shown-runs";

/** The part of a list that decides which of its runs are shown by default. */
export interface EyesList {
  /** Outermost groups, in order. */
  readonly groups: readonly ListedGroup[];
  /** Runs that are shown because they run; null: not known yet. */
  readonly running: ReadonlySet<string> | null;
}

export class RowEyes {
  readonly #shown: Shown;
  readonly #running: ReadonlySet<string> | null;
  readonly #positions: ReadonlyMap<string, number>;

  constructor(shown: Shown, { groups, running }: EyesList) {
    this.#shown = shown;
    this.#running = running;
    this.#positions = new Map(groups.map((group, i) => [groupId(group.values), i]));
  }

  /** @param runId of a row of a run; null: it is on its way */
  isOpen(row: Row<ListedGroup>, runId: string | null): boolean {
    if (row.kind === "group") return this.#isGroupOpen(row.group.values);
    return row.kind === "run" && runId !== null && this.#isRunOpen(row, runId);
  }

  /** Change of the view when the eye of a row is clicked; null: the row has none. */
  toggled(row: Row<ListedGroup>, runId: string | null): Partial<Shown> | null {
    if (row.kind === "group") {
      const { values } = row.group;
      return withGroup(this.#shown, values, this.#positionOf(values), !this.#isGroupOpen(values));
    }
    if (row.kind !== "run" || runId === null) return null;
    const isOn = !this.#isRunOpen(row, runId);
    return { selection: withRuns(this.#shown.selection, [runId], isOn, this.#isByDefault(row, runId)) };
  }

  #positionOf(values: readonly unknown[]): number {
    return this.#positions.get(groupId(values.slice(0, 1))) ?? Number.POSITIVE_INFINITY;
  }

  #isGroupOpen(values: readonly unknown[]): boolean {
    return isGroupShown(this.#shown, values, this.#positionOf(values));
  }

  #isRunOpen(row: Row<ListedGroup> & { kind: "run" }, id: string): boolean {
    return isRunShown(this.#shown.selection, id, this.#isByDefault(row, id));
  }

  #isByDefault({ under, index }: Row<ListedGroup> & { kind: "run" }, id: string): boolean {
    if (under) return this.#isGroupOpen(under);
    return isShownByIndex(this.#shown.selection, index, this.#running?.has(id) ?? false);
  }
}
