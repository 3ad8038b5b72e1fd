/**
 * The filter of the view, read: its tree, how many runs it finds, and changes of its parts.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { filterTreeQuery } from "@/api/filters";
import { conjuncts, type FilterTree, filterText } from "@/data/filter/tree";
import { useSetView, useView } from "../view/view-store";

const ALL: FilterTree = { and: [] };

/** The tree of the view's filter, while it is on its way (`isOld`) the one before; none if the text is wrong. */
export function useFilterTree(): { tree: FilterTree | undefined; isOld: boolean; error: Error | null } {
  const filter = useView((view) => view.filter);
  const isEmpty = filter.trim() === "";
  const query = useQuery({
    ...filterTreeQuery(filter),
    enabled: !isEmpty,
    placeholderData: keepPreviousData,
  });
  if (isEmpty) return { tree: ALL, isOld: false, error: null };
  return { tree: query.data, isOld: query.isPlaceholderData, error: query.error };
}

/** The parts of the view's filter that all must hold, and ways to change one. */
export function useFilterParts() {
  const { tree, error } = useFilterTree();
  const setView = useSetView();
  const parts = tree ? conjuncts(tree) : [];
  const set = (next: readonly FilterTree[]) =>
    setView({ filter: filterText(next.length === 1 ? next[0]! : { and: next }) });
  return {
    parts,
    error,
    set,
    remove: (index: number) => set(parts.filter((_, i) => i !== index)),
    add: (part: FilterTree) => set([...parts, part]),
    /** Take a part out that says just this, or add it. */
    toggle(part: FilterTree) {
      const text = filterText(part);
      const rest = parts.filter((one) => filterText(one) !== text);
      set(rest.length < parts.length ? rest : [...parts, part]);
    },
    has: (part: FilterTree) => parts.some((one) => filterText(one) === filterText(part)),
  };
}
