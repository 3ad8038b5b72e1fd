/**
 * What the page on screen tells the top bar: whether changes arrive, and how many runs are running.
 */

import type { LinkState } from "@/api/live-link";
import { create } from "zustand";

interface PageStatus {
  /** Null on pages that follow no project. */
  readonly link: LinkState | null;
  readonly nRunning: number;
}

export const usePageStatus = create<PageStatus>(() => ({ link: null, nRunning: 0 }));
