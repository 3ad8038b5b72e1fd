/**
 * A list of runs, perhaps in nested groups, as one sequence of rows. Pure.
 *
 * Groups are known one by one; runs only by how many there are, so a row of a run is its place in its list.
 */

/** One group, as far as its place in the list is concerned. */
export interface ListedGroup {
  readonly values: readonly unknown[];
  readonly nRuns: number;
}

/** Groups inside a group (or outermost), as far as they are known. */
export interface GroupLevel<Group extends ListedGroup> {
  readonly groups: readonly Group[];
  /** Number of groups, also those that are not listed. */
  readonly total: number;
}

export type Row<Group extends ListedGroup> =
  | { readonly kind: "group"; readonly depth: number; readonly group: Group; readonly isOpen: boolean }
  /** `index`: place among the runs of `under` (null: of the whole list). */
  | {
      readonly kind: "run";
      readonly depth: number;
      readonly under: readonly unknown[] | null;
      readonly index: number;
    }
  /** Groups that are on their way. */
  | { readonly kind: "waiting"; readonly depth: number; readonly under: readonly unknown[] }
  /** Groups that are not listed yet. */
  | { readonly kind: "more"; readonly depth: number; readonly under: readonly unknown[]; readonly n: number };

interface Segment<Group extends ListedGroup> {
  readonly start: number;
  readonly n: number;
  readonly row: Row<Group>;
}

export interface RowSequence<Group extends ListedGroup> {
  readonly n: number;
  at(index: number): Row<Group> | null;
  /** Where a group is; null: not in sight. */
  indexOfGroup(values: readonly unknown[]): number | null;
}

export function plainRows<Group extends ListedGroup>(total: number): RowSequence<Group> {
  return {
    n: total,
    at: (index) => (index >= 0 && index < total ? { kind: "run", depth: 0, under: null, index } : null),
    indexOfGroup: () => null,
  };
}

/**
 * Rows of a grouped list.
 *
 * @param nLevels how many columns it is grouped by
 * @param levelOf the groups inside one; undefined: on their way
 * @param isOpen whether a group shows what is in it
 */
export function groupedRows<Group extends ListedGroup>(
  nLevels: number,
  levelOf: (under: readonly unknown[]) => GroupLevel<Group> | undefined,
  isOpen: (values: readonly unknown[]) => boolean,
): RowSequence<Group> {
  const segments: Segment<Group>[] = [];
  const indexes = new Map<string, number>();
  let end = 0;
  const put = (n: number, row: Row<Group>) => {
    segments.push({ start: end, n, row });
    end += n;
  };
  const putLevel = (under: readonly unknown[]) => {
    const depth = under.length;
    const level = levelOf(under);
    if (!level) {
      put(1, { kind: "waiting", depth, under });
      return;
    }
    for (const group of level.groups) {
      const isGroupOpen = isOpen(group.values);
      indexes.set(JSON.stringify(group.values), end);
      put(1, { kind: "group", depth, group, isOpen: isGroupOpen });
      if (!isGroupOpen) continue;
      if (depth + 1 < nLevels) putLevel(group.values);
      else if (group.nRuns > 0)
        put(group.nRuns, { kind: "run", depth: depth + 1, under: group.values, index: 0 });
    }
    const n = level.total - level.groups.length;
    if (n > 0) put(1, { kind: "more", depth, under, n });
  };
  putLevel([]);
  return {
    n: end,
    at(index) {
      const segment = segments[lastStartingBefore(segments, index)];
      if (!segment || index < 0 || index >= end) return null;
      if (segment.row.kind !== "run") return segment.row;
      return { ...segment.row, index: index - segment.start };
    },
    indexOfGroup: (values) => indexes.get(JSON.stringify(values)) ?? null,
  };
}

function lastStartingBefore(segments: readonly { start: number }[], index: number): number {
  let lo = 0;
  let hi = segments.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (segments[mid]!.start <= index) lo = mid;
    else hi = mid - 1;
  }
  return lo;
}
