/**
 * Whose view an admin takes of what they manage. A cookie of the session says so to the server, so that pictures,
 * files and streams follow it; the tabs of a browser change together.
 */

import { jsonBody, projectPath, request } from "../client";
import type { ProjectRef, Schemas } from "../types";

export type Sight = Schemas["Sight"];

const STORED = "weft-sight";

/** Mark of the present view in this browser; null for one's own. */
export function sightMark(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

/** Take the view of a user or role; without both, of someone without a role. The page is then to be loaded again. */
export async function seeAs(ref: ProjectRef, choice: Schemas["SeeAs"]): Promise<void> {
  await request(`${projectPath(ref)}/see-as`, jsonBody<"SeeAs">("POST", choice));
  tellTabs(String(Date.now()));
}

/** Take one's own view again. The page is then to be loaded again. */
export async function stopSeeingAs(): Promise<void> {
  await request("/see-as", { method: "DELETE" });
  tellTabs(null);
}

/** Load this tab again when another one changes the view; returns the function that ends it. */
export function followSight(): () => void {
  const onStorage = ({ key }: StorageEvent) => {
    if (key === STORED) window.location.reload();
  };
  window.addEventListener("storage", onStorage);
  return () => window.removeEventListener("storage", onStorage);
}

function tellTabs(mark: string | null): void {
  try {
    if (mark === null) localStorage.removeItem(STORED);
    else localStorage.setItem(STORED, mark);
  } catch {
    // private mode: other tabs show it when they are loaded again
  }
}
