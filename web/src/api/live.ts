/**
 * Keeps a project's queries true while it is looked at: what the server says has changed is asked again.
 *
 * Step of the data's way: `services/live.py` tells, this refetches only the panels in view that show a
 * changed metric of a shown run, at most twice a second; the old curve stays until the new one is here.
 */

import type { QueryClient } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type LinkState, openLink } from "./live-link";
import { metricsKey } from "./metrics";
import { putRun, runKey, runQuery, runsKey } from "./runs";
import { seriesKey } from "./series";
import type { Change, Metric, ProjectRef, Run, RunPage } from "./types";

const FLUSH_MILLIS = 500;
/** Up to this many changed runs are asked for one by one; more, and the list is asked for. */
const SINGLE_RUNS = 6;

/** Follow a project while mounted; returns the state of the connection. */
export function useLive(ref: ProjectRef): LinkState {
  const client = useQueryClient();
  const [state, setState] = useState<LinkState>("connecting");
  const { entity, project } = ref;
  useEffect(() => {
    const gatherer = new ChangeGatherer(client, { entity, project });
    let lastServer: string | null = null;
    let wasLost = false;
    const close = openLink(
      { entity, project },
      {
        onState: (next) => {
          if (next === "lost") wasLost = true;
          setState(next);
        },
        onChange: (change) => gatherer.add(change),
        onHello: (server) => {
          // after a pause, or from another server, anything may have changed
          if (wasLost || (lastServer !== null && lastServer !== server)) gatherer.addAll();
          lastServer = server;
          wasLost = false;
        },
      },
    );
    return () => {
      close();
      gatherer.close();
    };
  }, [client, entity, project]);
  return state;
}

/** Gathers changes and asks again at most twice a second, and not at all while the tab is hidden. */
class ChangeGatherer {
  readonly #client: QueryClient;
  readonly #ref: ProjectRef;
  /** By run: its changed keys, or null for all. */
  readonly #points = new Map<string, Set<string> | null>();
  readonly #meta = new Set<string>();
  #everything = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: QueryClient, ref: ProjectRef) {
    this.#client = client;
    this.#ref = ref;
    document.addEventListener("visibilitychange", this.#plan);
  }

  add(change: Change): void {
    for (const [run, { keys, meta }] of Object.entries(change.runs)) {
      if (meta) this.#meta.add(run);
      const known = this.#points.get(run);
      if (keys === null) this.#points.set(run, null);
      else if (known !== null && keys.length > 0) this.#points.set(run, new Set([...(known ?? []), ...keys]));
    }
    this.#plan();
  }

  addAll(): void {
    this.#everything = true;
    this.#plan();
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.#plan);
    if (this.#timer) clearTimeout(this.#timer);
  }

  readonly #plan = () => {
    if (document.hidden || this.#timer) return;
    if (!this.#everything && this.#meta.size === 0 && this.#points.size === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#flush();
    }, FLUSH_MILLIS);
  };

  async #flush(): Promise<void> {
    const { entity, project } = this.#ref;
    const client = this.#client;
    if (this.#everything) {
      this.#everything = false;
      this.#points.clear();
      this.#meta.clear();
      await client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[1] === entity && queryKey[2] === project,
      });
      return;
    }
    const points = new Map(this.#points);
    const meta = new Set(this.#meta);
    this.#points.clear();
    this.#meta.clear();
    await Promise.all([this.#refetchSeries(points), this.#refetchMetrics(points), this.#refetchRuns(meta)]);
  }

  async #refetchSeries(points: Map<string, Set<string> | null>): Promise<void> {
    if (points.size === 0) return;
    const filter = {
      queryKey: seriesKey(this.#ref),
      predicate: ({ queryKey }: { queryKey: readonly unknown[] }) => {
        const { keys, runs } = queryKey[3] as { keys: readonly string[]; runs: string };
        const shown = new Set(runs.split(","));
        for (const [run, changed] of points)
          if (shown.has(run) && (changed === null || keys.some((key) => changed.has(key)))) return true;
        return false;
      },
    };
    // A curve on its way is waited for (else a busy project would never show one), but it may have been
    // read before this change: it is asked for again with the next flush.
    const onTheirWay = this.#client.isFetching(filter) > 0;
    await this.#client.invalidateQueries(filter, { cancelRefetch: false });
    if (onTheirWay) {
      for (const [run, keys] of points) {
        const newer = this.#points.get(run);
        if (keys === null || newer === null) this.#points.set(run, null);
        else this.#points.set(run, new Set([...keys, ...(newer ?? [])]));
      }
      this.#plan();
    }
  }

  /** Ask for the lists of metrics again that do not know a changed one. */
  async #refetchMetrics(points: Map<string, Set<string> | null>): Promise<void> {
    await this.#client.invalidateQueries(
      {
        queryKey: metricsKey(this.#ref),
        predicate: ({ queryKey, state }) => {
          const runs = queryKey[3] === "" ? null : new Set((queryKey[3] as string).split(","));
          const { metrics = [] } = (state.data ?? {}) as { metrics?: Metric[] };
          const known = new Set(metrics.map((metric) => metric.key));
          for (const [run, keys] of points) {
            if (runs && !runs.has(run)) continue;
            if (keys === null || [...keys].some((key) => !known.has(key))) return true;
          }
          return false;
        },
      },
      { cancelRefetch: false },
    );
  }

  async #refetchRuns(ids: Set<string>): Promise<void> {
    if (ids.size === 0) return;
    const listed = new Set<string>();
    for (const [, list] of this.#client.getQueriesData<{ pages: RunPage[] }>({
      queryKey: runsKey(this.#ref),
    }))
      for (const page of list?.pages ?? []) for (const run of page.runs) listed.add(run.id);
    const known = [...ids].every((id) => listed.has(id) || this.#client.getQueryData(runKey(this.#ref, id)));
    if (known && ids.size <= SINGLE_RUNS) {
      await Promise.all([...ids].map((id) => this.#refetchRun(id)));
    } else {
      // a page that was opened before its run was there asks again, too
      const missed = [...ids].filter((id) => !listed.has(id)).map((id) => runKey(this.#ref, id));
      await Promise.all(
        [runsKey(this.#ref), ...missed].map((queryKey) => this.#client.invalidateQueries({ queryKey })),
      );
    }
  }

  async #refetchRun(id: string): Promise<void> {
    try {
      const run: Run = await this.#client.fetchQuery({ ...runQuery(this.#ref, id), staleTime: 0 });
      putRun(this.#client, this.#ref, run);
    } catch {
      // deleted meanwhile, or the server is away: the list tells
      await this.#client.invalidateQueries({ queryKey: runsKey(this.#ref) });
    }
  }
}
