/**
 * The board of a page, with what a page has once: dialogs, keys that paste, charts in step. A page with several boards,
 * such as a report, has a `BoardProvider` around each.
 */

import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { isSynced } from "@/charts/shared-state";
import type { Board } from "@/data/board/board";
import { useView } from "../view/view-store";
import { BoardProvider, type BoardProviderProps } from "./board-provider";
import { useOpenDialog } from "./dialogs/open-dialog";
import { useBoardMenus } from "./sections/menus/board-menus";
import { usePaste } from "./sections/paste";

const AddPanel = lazy(() => import("./dialogs/add-panel"));
const AddSection = lazy(() => import("./dialogs/add-section"));
const DeleteMetric = lazy(() => import("./dialogs/delete-metric"));
const MovePanel = lazy(() => import("./dialogs/move-panel"));

export function PageBoardProvider(props: BoardProviderProps) {
  const { children, ...fields } = props;
  return (
    <BoardProvider {...fields}>
      {children}
      <BoardTools board={fields.board} />
    </BoardProvider>
  );
}

/** It stands apart, so that no panel renders with it. */
function BoardTools({ board }: { board: Board }): ReactNode {
  const areSynced = useView((view) => view.isSynced);
  useEffect(() => isSynced.set(areSynced), [areSynced]);
  usePaste(board);
  useBoardMenus();
  return <Dialogs />;
}

/** Loaded when they are first opened. */
function Dialogs() {
  const open = useOpenDialog((state) => state.open);
  if (!open) return null;
  return (
    <Suspense fallback={null}>
      {open.kind === "add-panel" && <AddPanel key={JSON.stringify(open.draft)} draft={open.draft} />}
      {open.kind === "add-section" && <AddSection />}
      {open.kind === "move-panel" && <MovePanel key={open.id} id={open.id} />}
      {open.kind === "delete-metric" && <DeleteMetric key={open.metric} metric={open.metric} />}
    </Suspense>
  );
}
