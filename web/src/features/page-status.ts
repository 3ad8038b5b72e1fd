/**
 * What the page on screen tells the top bar: whether changes arrive, and how many runs are running.
 */

import { create } from "zustand";
import type { LinkState } from "@/api/live-link";

interface PageStatus {
  /** Null on pages that follow no project. */
  readonly link: LinkState | null;
  readonly nRunning: number;
  /** The name of what is shown, where the address holds only its id. */
  readonly title: string | null;
}

export const usePageStatus = create<PageStatus>(() => ({ link: null, nRunning: 0, title: null }));
