/** The workspace's dialog that adds a panel, for the grid that it was opened from. */

import { lazy, Suspense, useEffect } from "react";
import { create } from "zustand";
import { GRID_SECTION } from "@/data/report/read";
import { closeDialog, openAddPanel, useOpenDialog } from "../../../board/dialogs/open-dialog";

const AddPanel = lazy(() => import("../../../board/dialogs/add-panel"));

const useTarget = create<{ readonly id: string | null }>(() => ({ id: null }));

/** @param id the grid's */
export function addPanelTo(id: string): void {
  useTarget.setState({ id });
  openAddPanel(GRID_SECTION);
}

export function AddPanelDialog({ id }: { id: string }) {
  const isTarget = useTarget((target) => target.id === id);
  const open = useOpenDialog((state) => state.open);
  useEffect(() => {
    if (!isTarget) return;
    // another page has dialogs of its own
    return () => {
      if (useTarget.getState().id === id) closeDialog();
    };
  }, [id, isTarget]);
  if (!isTarget || open?.kind !== "add-panel") return null;
  return (
    <Suspense fallback={null}>
      <AddPanel key={JSON.stringify(open.draft)} draft={open.draft} />
    </Suspense>
  );
}
