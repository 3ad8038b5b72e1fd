/** The tree of files: open folders are asked for one by one, so that there may be any number of files. */

import { useQueries } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { foldersOf, treeRows } from "@/data/files/tree-rows";
import { useStable } from "@/ui/hooks/use-stable";
import { useFileSource } from "./file-source";

/** Of a folder so many files are asked for at first, and when more are wanted. */
export const FIRST_FILES = 500;
export const MOST_FILES = 10_000;
const LIVE_MILLIS = 5_000;

/**
 * @param path of the chosen file, whose folders are open at first
 */
export function useFileTree(path: string) {
  const source = useFileSource();
  const { ownFolders } = source;
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(foldersOf(path)));
  const [limits, setLimits] = useState<Readonly<Record<string, number>>>({});
  useEffect(() => {
    // a file that is chosen by a link, or found by a search
    setOpen((before) => new Set([...before, ...foldersOf(path)]));
  }, [path]);
  const folders = useMemo(() => ["", ...open], [open]);
  const answers = useQueries({
    queries: folders.map((folder) => ({
      ...source.folder(folder, limits[folder] ?? FIRST_FILES),
      refetchInterval: source.isLive ? LIVE_MILLIS : (false as const),
    })),
  });
  const version = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers change when `version` does
  const rows = useMemo(() => {
    const contents = new Map(folders.map((folder, i) => [folder, answers[i]!.data]));
    return treeRows(contents, open, ownFolders);
  }, [folders, open, version, ownFolders]);
  const root = answers[0]!;
  return {
    rows,
    error: root.data ? null : root.error,
    isPending: root.isPending,
    onRetry: () => void root.refetch(),
    setFolder: useStable((folder: string, isOpen: boolean) =>
      setOpen((before) => {
        const next = new Set(before);
        if (isOpen) next.add(folder);
        else next.delete(folder);
        return next;
      }),
    ),
    /** Whether a folder shows as many files as can be asked for. */
    isFull: (folder: string) => limits[folder] === MOST_FILES,
    showMore: useStable((folder: string) => setLimits((before) => ({ ...before, [folder]: MOST_FILES }))),
  };
}
