/** The open dialog of the board; opened from the toolbar, menus and the palette. */

import { create } from "zustand";
import type { PanelKind } from "@/data/view/panel-kinds";

/** The draft of a panel that is not added yet. */
export interface PanelDraft {
  readonly kind: PanelKind;
  readonly keys: readonly string[];
  readonly pattern: string | null;
  /** The expression, as it stands in the field. */
  readonly typed: string;
  /** Null: the dialog proposes one. */
  readonly section: string | null;
}

type OpenDialog =
  | { readonly kind: "add-panel"; readonly draft: PanelDraft }
  | { readonly kind: "add-section" }
  /** To another section. */
  | { readonly kind: "move-panel"; readonly id: string }
  | { readonly kind: "delete-metric"; readonly metric: string };

export const useOpenDialog = create<{ readonly open: OpenDialog | null }>(() => ({ open: null }));

/** @param section null: the dialog proposes one */
export function openAddPanel(section: string | null): void {
  reopenAddPanel({ kind: "line", keys: [], pattern: null, typed: "", section });
}

/** As it was when it was closed. */
export function reopenAddPanel(draft: PanelDraft): void {
  useOpenDialog.setState({ open: { kind: "add-panel", draft } });
}

export function openAddSection(): void {
  useOpenDialog.setState({ open: { kind: "add-section" } });
}

export function openMovePanel(id: string): void {
  useOpenDialog.setState({ open: { kind: "move-panel", id } });
}

export function openDeleteMetric(metric: string): void {
  useOpenDialog.setState({ open: { kind: "delete-metric", metric } });
}

export function closeDialog(): void {
  useOpenDialog.setState({ open: null });
}
