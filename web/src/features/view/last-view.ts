/** The named view of a project that this tab showed last. It stands apart: the rail of all pages reads it. */

import type { ProjectRef } from "@/api/types";

function nameOf({ entity, project }: ProjectRef): string {
  return `weft.last-view.${entity}/${project}`;
}

/** @param id null: the default view, or a link's */
export function writeLastView(ref: ProjectRef, id: string | null): void {
  try {
    if (id === null) sessionStorage.removeItem(nameOf(ref));
    else sessionStorage.setItem(nameOf(ref), id);
  } catch {
    // storage is full or off: the project's pages then lead to the default view
  }
}

/** The search part that leads back to it; empty: the default view. */
export function searchOfLastView(ref: ProjectRef): { readonly view?: string } {
  try {
    const view = sessionStorage.getItem(nameOf(ref));
    return view === null ? {} : { view };
  } catch {
    return {};
  }
}
