/** What a sweep's table of trials lists: its part of the address, and the pages in sight. */

import { useEffect } from "react";
import { isOpen, type Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { useSettled } from "@/ui/hooks/use-settled";
import { type StateOf, useSearchState } from "../../search-state";
import { firstOrder, TRIAL_URL } from "./trial-url";
import { type Trials, useTrials } from "./use-trials";

export interface TrialList {
  readonly url: StateOf<typeof TRIAL_URL>;
  change(part: Partial<StateOf<typeof TRIAL_URL>>): void;
  /** The searched text, a moment after it was typed. */
  readonly search: string;
  /** In the server's words; without a choice the best first. */
  readonly order: string;
  readonly trials: Trials;
  refetch(): void;
}

export function useTrialList(project: ProjectRef, sweep: Sweep): TrialList {
  const [url, change] = useSearchState(TRIAL_URL);
  const search = useSettled(url.search.trim());
  const order = url.sort || firstOrder(sweep);
  const isLive = isOpen(sweep);
  const { trials, refetch } = useTrials(project, sweep, { state: url.state, search, order }, isLive);
  // the last trials end with the sweep, after which no interval asks for them
  useEffect(() => {
    if (!isLive) refetch();
  }, [isLive, refetch]);
  return { url, change, search, order, trials, refetch };
}
