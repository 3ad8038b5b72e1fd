/**
 * Rows of many tables: one request for all that are asked for in the same moment. A process of the server reads each
 * request, so the charts of 50 runs take one process and not 50.
 *
 * The request is aborted when the last one that waits for it has left.
 */

import { inheritSource, loadersOf } from "../answers";
import { ApiError, jsonBody, projectPath, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";

type TableQuery = Schemas["TableQuery"];
type TableWindow = Schemas["TableWindow"];

interface Waiting {
  readonly query: TableQuery;
  readonly signal: AbortSignal;
  resolve(window: TableWindow): void;
  reject(error: unknown): void;
}

/** Panels that mount in one go ask within this time; then the request leaves. */
const GATHER_MILLIS = 8;
/** So that the first panels are drawn while the others are read. */
const TABLES_PER_REQUEST = 100;

class TableLoader {
  readonly #path: string;
  #queue: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ref: ProjectRef) {
    this.#path = `${projectPath(ref)}/tables/query-many`;
  }

  load(query: TableQuery, signal: AbortSignal): Promise<TableWindow> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ query, signal, resolve, reject });
      this.#timer ??= setTimeout(() => this.#send(), GATHER_MILLIS);
    });
  }

  #send(): void {
    this.#timer = null;
    const all = this.#queue;
    this.#queue = [];
    for (let i = 0; i < all.length; i += TABLES_PER_REQUEST)
      void this.#fetchAll(all.slice(i, i + TABLES_PER_REQUEST));
  }

  async #fetchAll(all: readonly Waiting[]): Promise<void> {
    let left = all;
    while (left.length > 0) {
      for (const { signal, reject } of left) if (signal.aborted) reject(signal.reason);
      left = left.filter(({ signal }) => !signal.aborted);
      if (left.length === 0) return;
      try {
        const n = await this.#fetch(left);
        if (n === 0) throw new ApiError(0, "unreachable", "The server sent nothing");
        left = left.slice(n);
      } catch (error) {
        for (const { reject } of left) reject(error);
        return;
      }
    }
  }

  /** Returns how many were answered. */
  async #fetch(waiting: readonly Waiting[]): Promise<number> {
    const abort = new AbortController();
    inheritSource(waiting[0]!.signal, abort.signal);
    let n = waiting.length;
    const leave = () => {
      n -= 1;
      if (n === 0) abort.abort();
    };
    for (const { signal } of waiting) signal.addEventListener("abort", leave, { once: true });
    try {
      const { answers } = await requestJson<Schemas["TableAnswers"]>(this.#path, {
        ...jsonBody<"TablesQuery">("POST", { tables: waiting.map(({ query }) => query) }),
        signal: abort.signal,
      });
      answers.forEach(({ window, fault }, i) => {
        if (window) waiting[i]?.resolve(window);
        else waiting[i]?.reject(new ApiError(400, fault?.code ?? "error", fault?.detail ?? "No answer"));
      });
      return answers.length;
    } finally {
      for (const { signal } of waiting) signal.removeEventListener("abort", leave);
    }
  }
}

const loaderOf = loadersOf(projectPath, (ref) => new TableLoader(ref));

/** The rows of one table; it shares requests with all others that are asked for in the same moment. */
export function loadTable(ref: ProjectRef, query: TableQuery, signal: AbortSignal): Promise<TableWindow> {
  return loaderOf(ref, signal).load(query, signal);
}
