/**
 * The filter that is built, read: its tree, and changes of its parts. It is the view's, or the filter of a panel with runs
 * of its own.
 */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useContext, useMemo } from "react";
import { ApiError } from "@/api/client";
import { filterTreeQuery } from "@/api/runs/filters";
import { conjuncts, type FilterTree, filterText } from "@/data/filter/tree";
import { change as changeOf, panelOf, type View } from "@/data/view/view";
import { showFailed } from "@/ui/overlays/toasts";
import { useReadView, useSetView, useView } from "../../view/view-store";

const ALL: FilterTree = { and: [] };

/** The panel whose filter is built; null: it is the view's. */
export const FilteredPanel = createContext<string | null>(null);

function filterOf(view: View, panel: string | null): string {
  return panel === null ? view.filter : (panelOf(view, panel)?.runFilter ?? "");
}

export function useFilter(): string {
  const panel = useContext(FilteredPanel);
  return useView((view) => filterOf(view, panel));
}

/** Reads the filter as it is, in handlers. */
export function useReadFilter(): () => string {
  const panel = useContext(FilteredPanel);
  const readView = useReadView();
  return useMemo(() => () => filterOf(readView(), panel), [panel, readView]);
}

/** Sets the filter; changes that follow each other as `isTyped` are undone as one. */
export function useSetFilter(): (text: string, isTyped?: boolean) => void {
  const panel = useContext(FilteredPanel);
  const setView = useSetView();
  return useMemo(
    () =>
      (text, isTyped = false) =>
        setView(
          (view) => (panel === null ? { filter: text } : changeOf.panel(view, panel, { runFilter: text })),
          isTyped ? { coalesce: `filter ${panel ?? ""}` } : undefined,
        ),
    [panel, setView],
  );
}

/** The tree of the filter, while it is on its way (`isOld`) the one before; none if the text is wrong. */
export function useFilterTree(): { tree: FilterTree | undefined; isOld: boolean; error: Error | null } {
  const filter = useFilter();
  const isEmpty = filter.trim() === "";
  const query = useQuery({
    ...filterTreeQuery(filter),
    enabled: !isEmpty,
    placeholderData: keepPreviousData,
  });
  if (isEmpty) return { tree: ALL, isOld: false, error: null };
  return { tree: query.data, isOld: query.isPlaceholderData, error: query.error };
}

/** The parts of the filter that all must hold, and ways to change one. */
export function useFilterParts() {
  const { tree, error } = useFilterTree();
  const panel = useContext(FilteredPanel);
  const setFilter = useSetFilter();
  const readView = useReadView();
  const client = useQueryClient();
  const parts = tree ? conjuncts(tree) : [];

  /** Parts are changed in the filter as it is by then: of two quick clicks the second keeps what the first did. */
  const change = async (next: (parts: readonly FilterTree[]) => readonly FilterTree[]): Promise<void> => {
    const filter = filterOf(readView(), panel);
    let tree = ALL;
    if (filter.trim() !== "") {
      try {
        tree = await client.ensureQueryData(filterTreeQuery(filter));
      } catch (failure) {
        // an invalid text has no parts: it is replaced
        if (!isInvalidFilter(failure)) return showFailed("Could not change the filter", failure);
      }
      if (filterOf(readView(), panel) !== filter) return change(next);
    }
    const changed = next(conjuncts(tree));
    setFilter(filterText(changed.length === 1 ? changed[0]! : { and: changed }));
  };
  const without = (all: readonly FilterTree[], text: string) =>
    all.filter((other) => filterText(other) !== text);
  return {
    parts,
    error,
    /** Changed parts, from those that the server has read by then. */
    change: (next: (parts: readonly FilterTree[]) => readonly FilterTree[]) => void change(next),
    add: (...added: readonly FilterTree[]) => void change((all) => [...all, ...added]),
    remove: (part: FilterTree) => void change((all) => without(all, filterText(part))),
    /** Take a part out that says just this, or add it. */
    toggle: (part: FilterTree) =>
      void change((all) => {
        const rest = without(all, filterText(part));
        return rest.length < all.length ? rest : [...all, part];
      }),
    has: (part: FilterTree) => parts.some((other) => filterText(other) === filterText(part)),
  };
}

/** Whether the server has read a filter and refused it, alone or as part of a question. */
export function isInvalidFilter(error: unknown): error is ApiError {
  return error instanceof ApiError && error.errors.some(({ field }) => field === "filter");
}
