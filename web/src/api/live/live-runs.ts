/**
 * Asks again for lists of runs that the server says have changed: at once when a run itself did, now and then
 * when only its summary did.
 */

import type { Query, QueryClient } from "@tanstack/react-query";
import { runKey } from "../runs/run";
import { runsKey } from "../runs/run-rows";
import type { ProjectRef } from "../types";
import { afterChange, type Seen } from "./seen";

/** Summaries change with every row that is logged; lists follow them no more often. */
const SUMMARY_MILLIS = 2000;
/** A busy server sends events less often: then lists follow every second one. */
const EVENTS_PER_LIST = 2;
/** Columns that change without the run being edited. */
const MOVING = /"(summary\.|runtime"|heartbeat")|summary\./;

export class LiveRuns {
  readonly #client: QueryClient;
  readonly #ref: ProjectRef;
  /** Runs whose summaries have changed. */
  readonly #summaries = new Set<string>();
  #seen: Seen = null;
  #summariesAt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: QueryClient, ref: ProjectRef) {
    this.#client = client;
    this.#ref = ref;
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
  }

  /** Runs that are new, gone, edited, or in another state. */
  async changed(ids: ReadonlySet<string>, seen: Seen): Promise<void> {
    if (ids.size === 0) return;
    this.#summariesAt = performance.now();
    await Promise.all([
      afterChange(seen, () => this.#client.invalidateQueries({ queryKey: runsKey(this.#ref) })),
      this.#refetchRuns(ids),
    ]);
  }

  /** Some runs have logged more; the summaries of others have changed. */
  logged(summaries: ReadonlySet<string>, seen: Seen, paceSecs: number): void {
    for (const id of summaries) this.#summaries.add(id);
    this.#seen = seen;
    if (this.#timer) return;
    const pause = Math.max(SUMMARY_MILLIS, EVENTS_PER_LIST * paceSecs * 1000);
    const wait = this.#summariesAt + pause - performance.now();
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#summariesAt = performance.now();
        const moving = {
          queryKey: runsKey(this.#ref),
          predicate: ({ queryKey }: Query) => MOVING.test(JSON.stringify(queryKey[4] ?? null)),
        };
        void afterChange(this.#seen, () => this.#client.invalidateQueries(moving, { cancelRefetch: false }));
        void this.#refetchRuns(new Set(this.#summaries));
        this.#summaries.clear();
      },
      Math.max(0, wait),
    );
  }

  /** Refetch single runs; also on a page that was opened before its run was there. */
  async #refetchRuns(ids: ReadonlySet<string>): Promise<void> {
    if (ids.size === 0) return;
    await this.#client.invalidateQueries({
      queryKey: runKey(this.#ref, "").slice(0, -1),
      predicate: ({ queryKey }) => ids.has(String(queryKey[3])),
    });
  }
}
