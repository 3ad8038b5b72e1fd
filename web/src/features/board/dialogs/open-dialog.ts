/** The open dialog of the board; opened from the toolbar, menus and the palette. */

import { create } from "zustand";

type OpenDialog =
  /** `section` null: the dialog proposes one. */
  | { readonly kind: "add-panel"; readonly section: string | null }
  | { readonly kind: "add-section" }
  /** To another section. */
  | { readonly kind: "move-panel"; readonly id: string }
  | { readonly kind: "delete-metric"; readonly metric: string };

export const useOpenDialog = create<{ readonly open: OpenDialog | null }>(() => ({ open: null }));

export function openAddPanel(section: string | null): void {
  useOpenDialog.setState({ open: { kind: "add-panel", section } });
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
