/**
 * Live updates of a project: refetches what a page shows when the server reports that it has changed.
 *
 * Step of the data's way: `services/stores/live_hub.py` sends the changes. This refetches only the panels in view that
 * show a changed metric of a shown run, at most twice a second; the old curve stays until the new one is here.
 */

import type { Query, QueryClient, QueryFilters } from "@tanstack/react-query";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { PanelSeries } from "@/data/curves/columns";
import { askedSinceMillis } from "../early";
import { logsKey } from "../files/logs";
import { metricsKey } from "../metrics/metrics";
import { type PanelRequest, seriesKey } from "../metrics/series";
import { NOTIFICATIONS_KEY } from "../people/notifications";
import { projectQuery } from "../projects";
import { commentsKey } from "../reports/comments-key";
import { runEventsKey } from "../runs/run-events";
import type { Change, MetricNames, ProjectRef } from "../types";
import { type LinkState, openLink } from "./live-link";
import { LiveRuns } from "./live-runs";
import { afterChange, type Seen } from "./seen";

const FLUSH_MILLIS = 500;
/** The first refetch after a change waits for at most so long, so that the pages of a lab do not all ask in one moment. */
const SPREAD_MILLIS = 200;
/** Larger answers are refetched less often: the curves of a thousand runs (1.8 MB) every 5 seconds. */
const MILLIS_PER_BYTE = 5_000 / 1.8e6;
/** Interval at which the names of metrics are read while no event says that there are new ones. */
const NAMES_MILLIS = 4000;

/**
 * By project: the mark of the last change that this tab received. A time of `Date.now()` before the first event: all that
 * the page shows was requested later. Empty if the page closed with changes that it had not refetched.
 */
const lastChanges = new Map<string, string | number>();

/** Follow a project while mounted; returns the state of the connection. */
export function useLive(ref: ProjectRef): LinkState {
  const client = useQueryClient();
  const [state, setState] = useState<LinkState>("connecting");
  // all that the page shows was requested after this time
  const [begunAt] = useState(askedSinceMillis);
  const { entity, project } = ref;
  useEffect(() => {
    const projectKey = `${entity}/${project}`;
    if (!lastChanges.has(projectKey)) lastChanges.set(projectKey, begunAt);
    const gatherer = new ChangeGatherer(client, { entity, project });
    let wasLost = false;
    const close = openLink(
      { entity, project },
      {
        onState: (next) => {
          if (next === "lost") {
            wasLost = true;
            // a stream does not say why it ended: the reader may have lost the permission to read the project
            const { queryKey } = projectQuery({ entity, project });
            void client.refetchQueries({ queryKey, type: "active" }, { cancelRefetch: false });
          }
          setState(next);
        },
        onChange: (change, mark) => {
          gatherer.add(change, mark);
          lastChanges.set(projectKey, mark);
        },
        onHello: ({ mark, changedAt }) => {
          const before = lastChanges.get(projectKey);
          const isMissed = typeof before === "number" ? changedAt >= before : before !== mark;
          // after a pause, or from another server, anything may have changed
          if (wasLost || isMissed) gatherer.addAll(wasLost);
          lastChanges.set(projectKey, mark);
          wasLost = false;
        },
      },
    );
    return () => {
      close();
      gatherer.close();
      if (gatherer.isWaiting) lastChanges.set(projectKey, "");
    };
  }, [client, entity, project, begunAt]);
  return state;
}

/** Gathers changes and refetches at most twice a second, and not while the tab is hidden. */
class ChangeGatherer {
  readonly #client: QueryClient;
  readonly #ref: ProjectRef;
  readonly #runs: LiveRuns;
  /** By run: its changed keys, or null for all. */
  readonly #points = new Map<string, Set<string> | null>();
  readonly #meta = new Set<string>();
  /** Runs whose summaries show new values. */
  readonly #summaries = new Set<string>();
  /** The last change. */
  #seen: Seen = null;
  /** Between two events. */
  #paceSecs = 0;
  /** Runs that printed something. */
  readonly #logs = new Set<string>();
  /** Large answers that wait to be refetched. */
  readonly #postponed = new Map<Query, ReturnType<typeof setTimeout>>();
  #hasComments = false;
  #everything: "lost" | "missed" | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #flushedAt = Number.NEGATIVE_INFINITY;
  #namesAt = 0;
  #namesTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: QueryClient, ref: ProjectRef) {
    this.#client = client;
    this.#ref = ref;
    this.#runs = new LiveRuns(client, ref);
    document.addEventListener("visibilitychange", this.#plan);
  }

  /** Whether there are changes for which nothing was refetched yet. */
  get isWaiting(): boolean {
    return (
      this.#everything !== null ||
      this.#hasComments ||
      [this.#meta, this.#summaries, this.#points, this.#logs, this.#postponed].some(({ size }) => size > 0)
    );
  }

  add(change: Change, mark: string): void {
    this.#seen = Number(mark.split(" ")[1]);
    this.#paceSecs = change.pace_secs ?? 0;
    if (change.comments) this.#hasComments = true;
    for (const [run, { keys, meta, logs, summary }] of Object.entries(change.runs)) {
      if (logs) this.#logs.add(run);
      if (meta) this.#meta.add(run);
      if (summary) this.#summaries.add(run);
      const pending = this.#points.get(run);
      if (keys === null) this.#points.set(run, null);
      else if (pending !== null && keys.length > 0)
        this.#points.set(run, new Set([...(pending ?? []), ...keys]));
    }
    this.#plan();
  }

  /** Refetch everything. With `isLost`, requests on their way may have been lost, and are sent again. */
  addAll(isLost: boolean): void {
    this.#everything = isLost || this.#everything === "lost" ? "lost" : "missed";
    this.#plan();
  }

  close(): void {
    document.removeEventListener("visibilitychange", this.#plan);
    this.#runs.close();
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#namesTimer) clearTimeout(this.#namesTimer);
    for (const timer of this.#postponed.values()) clearTimeout(timer);
  }

  readonly #plan = () => {
    if (document.hidden || this.#timer) return;
    if (!this.isWaiting) return;
    const millisSinceFlush = performance.now() - this.#flushedAt;
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.#flushedAt = performance.now();
        void this.#flush();
      },
      Math.max(FLUSH_MILLIS - millisSinceFlush, 0) + SPREAD_MILLIS * Math.random(),
    );
  };

  async #flush(): Promise<void> {
    const { entity, project } = this.#ref;
    const client = this.#client;
    if (this.#hasComments) {
      this.#hasComments = false;
      void client.invalidateQueries({ queryKey: commentsKey(this.#ref) });
      void client.invalidateQueries({ queryKey: NOTIFICATIONS_KEY });
    }
    if (this.#everything) {
      const isLost = this.#everything === "lost";
      this.#everything = null;
      this.#points.clear();
      this.#meta.clear();
      this.#summaries.clear();
      this.#logs.clear();
      const ofProject: QueryFilters = {
        predicate: ({ queryKey }) => queryKey[1] === entity && queryKey[2] === project,
      };
      const fetching = new Set(client.getQueryCache().findAll({ ...ofProject, fetchStatus: "fetching" }));
      await client.invalidateQueries(ofProject, { cancelRefetch: isLost });
      // requests of a page that opens are not restarted, but repeated: their answers may be older than the change
      if (!isLost) await client.invalidateQueries({ predicate: (query) => fetching.has(query) });
      return;
    }
    const points = new Map(this.#points);
    const meta = new Set(this.#meta);
    const summaries = new Set(this.#summaries);
    const logs = [...this.#logs];
    this.#points.clear();
    this.#meta.clear();
    this.#summaries.clear();
    this.#logs.clear();
    if (points.size > 0 || summaries.size > 0) this.#runs.logged(summaries, this.#seen, this.#paceSecs);
    await Promise.all([
      this.#refetchSeries(points),
      this.#refetchMetrics(points),
      this.#runs.changed(meta, this.#seen),
      this.#refetchEvents(meta),
      ...logs.map((run) => this.#refetch({ queryKey: logsKey(this.#ref, run) })),
    ]);
  }

  async #refetchSeries(points: Map<string, Set<string> | null>): Promise<void> {
    if (points.size === 0) return;
    const filter = {
      queryKey: seriesKey(this.#ref),
      predicate: (query: Query) => {
        const shows = showsRunOf(query.queryKey[3] as MetricSelection);
        for (const [run, changed] of points) if (shows(run, changed)) return !this.#isPostponed(query);
        return false;
      },
    };
    // answers that may be older than this change are refetched with the next flush
    if (await this.#refetch(filter)) {
      for (const [run, keys] of points) {
        const newer = this.#points.get(run);
        if (keys === null || newer === null) this.#points.set(run, null);
        else this.#points.set(run, new Set([...keys, ...(newer ?? [])]));
      }
      this.#plan();
    }
  }

  /** Whether an answer is so large that it is refetched only later. */
  #isPostponed(query: Query): boolean {
    const { data, dataUpdatedAt } = query.state;
    const nBytes = (data as PanelSeries | undefined)?.nBytes ?? 0;
    const millis = dataUpdatedAt + nBytes * MILLIS_PER_BYTE - Date.now();
    if (millis < FLUSH_MILLIS) return false;
    if (!this.#postponed.has(query)) {
      const refetch = () => {
        this.#postponed.delete(query);
        const filter = { predicate: (other: Query) => other === query };
        // an answer on its way may be older than the change
        void this.#refetch(filter).then((isOld) => isOld && this.#refetch(filter));
      };
      this.#postponed.set(query, setTimeout(refetch, millis));
    }
    return true;
  }

  /** Refetch the names of metrics if a changed one is missing among them. */
  async #refetchMetrics(points: Map<string, Set<string> | null>): Promise<void> {
    const lists = this.#client.getQueryCache().findAll({ queryKey: metricsKey(this.#ref) });
    const isAny = [...points.values()].includes(null);
    // an event for hundreds of metrics does not name them: look for new ones every few seconds
    const isTime = performance.now() - this.#namesAt > NAMES_MILLIS;
    const isNew = lists.some(({ queryKey, state }) => {
      const ids = queryKey[3];
      if (ids !== null && typeof ids !== "string") return false;
      const runs = ids === null ? null : new Set(ids.split(","));
      const { numbers = [], objects = [] } = (state.data ?? {}) as Partial<MetricNames>;
      const changed = [...points].flatMap(([run, keys]) => (runs && !runs.has(run) ? [] : [...(keys ?? [])]));
      if (changed.length === 0) return false;
      const listed = new Set([...numbers, ...objects]);
      return changed.some((key) => !listed.has(key));
    });
    if (!isNew && !(isAny && isTime)) {
      if (isAny) this.#namesTimer ??= setTimeout(() => this.#refetchNames(), NAMES_MILLIS);
      return;
    }
    await this.#refetchNames();
  }

  async #refetchNames(): Promise<void> {
    this.#namesAt = performance.now();
    if (this.#namesTimer) clearTimeout(this.#namesTimer);
    this.#namesTimer = null;
    const lists = { queryKey: metricsKey(this.#ref) };
    if (await this.#refetch(lists)) await this.#refetch(lists);
  }

  /**
   * Refetch and wait for the answers. True if requests were on their way, whose answers may be older than the change;
   * these are not cancelled, because a busy project would then never show one.
   */
  async #refetch(filter: QueryFilters): Promise<boolean> {
    const isFetching = this.#client.isFetching(filter) > 0;
    await afterChange(this.#seen, () => this.#client.invalidateQueries(filter, { cancelRefetch: false }));
    return isFetching;
  }

  /** An alert or a gap changes its run, too. */
  async #refetchEvents(ids: Set<string>): Promise<void> {
    if (ids.size === 0) return;
    await this.#client.invalidateQueries({
      queryKey: runEventsKey(this.#ref),
      predicate: ({ queryKey }) =>
        String(queryKey[3])
          .split(",")
          .some((id) => ids.has(id)),
    });
  }
}

type MetricSelection = Pick<PanelRequest, "keys" | "expressions" | "axis"> & { runs: unknown };

/** Whether a request for curves has these metrics of a run. Only the server knows the metrics of an expression. */
function showsRunOf({ keys, expressions, axis, runs }: MetricSelection) {
  const shown = typeof runs === "string" ? new Set(runs.split(",")) : null;
  return (run: string, changed: Set<string> | null) => {
    if (shown && !shown.has(run)) return false;
    const isComputed = Boolean(expressions?.length) || axis === "expression";
    return changed === null || isComputed || keys.some((key) => changed.has(key));
  };
}
