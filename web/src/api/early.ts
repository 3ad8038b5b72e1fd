/**
 * The answers that `index.html` requested while the scripts of the app were on their way.
 */

declare global {
  interface Window {
    /** By path below `/api/v1`. */
    weftEarlyAnswers?: Map<string, Promise<Response>>;
  }
}

/** The first page has taken its answers by then; what is left may be outdated. */
const EARLY_MILLIS = 10_000;

/** The early answer to a request, once; undefined: it was not requested, or too long ago. */
export function takeEarlyAnswer(path: string, init: RequestInit): Promise<Response> | undefined {
  if (init.method !== undefined || init.headers !== undefined || init.body !== undefined) return undefined;
  const answer = window.weftEarlyAnswers?.get(path);
  window.weftEarlyAnswers?.delete(path);
  return performance.now() < EARLY_MILLIS ? answer : undefined;
}

/** The time (as of `Date.now()`) since which the page that is now mounted may have requested its data. */
export function askedSinceMillis(): number {
  const isFirst = window.weftEarlyAnswers !== undefined && performance.now() < EARLY_MILLIS;
  return isFirst ? performance.timeOrigin : Date.now();
}
