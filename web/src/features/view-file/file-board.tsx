/** The board of a view in a file, and of the draft that notes its requests: the same hooks, so the same requests. */

import { type ReactNode, useMemo, useState } from "react";
import type { ProjectRef } from "@/api/types";
import { readView } from "@/data/view/read";
import { BoardProvider } from "../board/board-provider";
import type { BoardMode } from "../board/board-set";
import { useBoard } from "../board/use-board";
import { createViewStore, NO_BASE } from "../view/held-view";
import { ViewStoreProvider } from "../view/view-store";
import type { FileSet } from "./file-view";

const FILE: BoardMode = { isReadOnly: true, gridId: null, Entries: null, linkOf: null };

/** Gives components the view of a file. */
export function FileViewProvider({ document, children }: { document: object; children: ReactNode }) {
  const [store] = useState(() => createViewStore(readView(document), NO_BASE));
  return <ViewStoreProvider store={store}>{children}</ViewStoreProvider>;
}

/** The board of the runs of a file; which of them are hidden does not change it. */
export function useFileBoard(project: ProjectRef, { runs }: FileSet) {
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  return useBoard(project, ids);
}

interface FileBoardProps {
  readonly project: ProjectRef;
  readonly board: ReturnType<typeof useFileBoard>["board"];
  /** Without those that are hidden. */
  readonly set: FileSet;
  readonly children: ReactNode;
}

export function FileBoard({ project, board, set, children }: FileBoardProps) {
  return (
    <BoardProvider project={project} board={board} mode={FILE} {...set}>
      {children}
    </BoardProvider>
  );
}
