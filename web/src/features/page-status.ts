/** Status of the page for the top bar: whether changes arrive, and how many runs are running. */

import { create } from "zustand";
import type { LinkState } from "@/api/live/live-link";

interface PageStatus {
  /** Null on pages that follow no project. */
  readonly link: LinkState | null;
  readonly nRunning: number;
  /** Filters the list to the running runs, and back; null on pages without a list. */
  readonly onRunning: (() => void) | null;
  /** Text next to the live dot, if there is more to say than the count. */
  readonly liveNote: string | null;
  /** The name of what is shown, where the address holds only its id. */
  readonly title: string | null;
}

const NOTHING: PageStatus = { link: null, nRunning: 0, onRunning: null, liveNote: null, title: null };

export const usePageStatus = create<PageStatus>(() => NOTHING);

/** Set the status from a page's effect; returns its cleanup. */
export function tellPageStatus(status: Partial<PageStatus>): () => void {
  usePageStatus.setState({ ...NOTHING, ...status });
  return () => usePageStatus.setState(NOTHING);
}
