/**
 * Where the answers of queries come from, if it is not the server: figures as published, or a page that has them inside.
 *
 * A query is known by the signal that aborts it, which every request of a query has. So the queries of a `QueryClient`
 * can have another source, and the code of panels is the same.
 */

import type { ProjectRef } from "./types";

/** Answers as `fetch` does. @param path below `/api/v1` */
export type AnswerSource = (path: string, init: RequestInit) => Promise<Response>;

const sources = new WeakMap<AbortSignal, AnswerSource>();
let pageSource: AnswerSource | undefined;

/** Has all requests of this page that have no source of their own answered from one: it has no server. */
export function setPageSource(source: AnswerSource): void {
  pageSource = source;
}

export function setSource(signal: AbortSignal, source: AnswerSource): void {
  sources.set(signal, source);
}

/** Undefined: the server. */
export function sourceOf(signal: AbortSignal | null | undefined): AnswerSource | undefined {
  return (signal && sources.get(signal)) ?? pageSource;
}

/** Has a request that stands for others ask where these ask. */
export function inheritSource(from: AbortSignal, to: AbortSignal): void {
  const source = sources.get(from);
  if (source) sources.set(to, source);
}

/** Loaders that join requests, one for each project and source. */
export function loadersOf<Loader>(nameOf: (ref: ProjectRef) => string, make: (ref: ProjectRef) => Loader) {
  const ofServer = new Map<string, Loader>();
  const bySource = new WeakMap<AnswerSource, Map<string, Loader>>();
  return (ref: ProjectRef, signal: AbortSignal): Loader => {
    const source = sourceOf(signal);
    const loaders = source ? (bySource.get(source) ?? new Map<string, Loader>()) : ofServer;
    if (source) bySource.set(source, loaders);
    const name = nameOf(ref);
    const loader = loaders.get(name) ?? make(ref);
    loaders.set(name, loader);
    return loader;
  };
}
