/**
 * Status of the page for the top bar: whether changes arrive, and how many runs are running.
 */

import { create } from "zustand";
import type { LinkState } from "@/api/live/live-link";

interface PageStatus {
  /** Null on pages that follow no project. */
  readonly link: LinkState | null;
  readonly nRunning: number;
  /** Lists the running runs, and then all again; null: the page lists none. */
  readonly onRunning: (() => void) | null;
  /** Beside the live dot, where there is more to say than how many. */
  readonly liveNote: string | null;
  /** The name of what is shown, where the address holds only its id. */
  readonly title: string | null;
}

const NOTHING: PageStatus = { link: null, nRunning: 0, onRunning: null, liveNote: null, title: null };

export const usePageStatus = create<PageStatus>(() => NOTHING);

/** For effects of pages: say it now, and take it back when the page goes. */
export function tellPageStatus(status: Partial<PageStatus>): () => void {
  usePageStatus.setState({ ...NOTHING, ...status });
  return () => usePageStatus.setState(NOTHING);
}
