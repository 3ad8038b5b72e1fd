/**
 * Answers that were requested while the scripts of the app were loading: `app/first-requests.ts` sends the requests.
 */

declare global {
  /** By path below `/api/v1`, with the body of a POST after it. */
  var weftEarlyAnswers: Map<string, Promise<Response>> | undefined;
}

/** The first page has taken its answers by then; what is left may be outdated. */
const EARLY_MILLIS = 10_000;

function keyOf(path: string, body: string | undefined): string {
  return body === undefined ? path : `${path} ${body}`;
}

/** Send a GET, or a POST with a JSON body, whose answer the app takes later. */
export function beginEarly(path: string, body?: object): Promise<Response> {
  const text = body && JSON.stringify(body);
  const init = text ? { method: "POST", headers: { "content-type": "application/json" }, body: text } : {};
  // read as a whole: an answer that is not taken would hold its connection
  const answer = fetch(`/api/v1${path}`, init).then(async (response) => {
    const content = await response.text();
    // without a task of its own for each answer: the page is rendered once for all that are there
    const json = async () => JSON.parse(content) as unknown;
    return Object.assign(new Response(content, response), { json });
  });
  // the part of the app that takes it handles the failure
  answer.catch(() => undefined);
  globalThis.weftEarlyAnswers ??= new Map();
  globalThis.weftEarlyAnswers.set(keyOf(path, text), answer);
  return answer;
}

/** The early answer to a request, once; undefined: it was not requested, or too long ago. */
export function takeEarlyAnswer(path: string, init: RequestInit): Promise<Response> | undefined {
  const { method, headers, body } = init;
  const text = method === "POST" && typeof body === "string" ? body : undefined;
  const isPlainGet = method === undefined && headers === undefined && body === undefined;
  if (text === undefined && !isPlainGet) return undefined;
  const key = keyOf(path, text);
  const answer = globalThis.weftEarlyAnswers?.get(key);
  globalThis.weftEarlyAnswers?.delete(key);
  return performance.now() < EARLY_MILLIS ? answer : undefined;
}

/** The time (as of `Date.now()`) since which the page that is now mounted may have requested its data. */
export function askedSinceMillis(): number {
  const isFirst = globalThis.weftEarlyAnswers !== undefined && performance.now() < EARLY_MILLIS;
  return isFirst ? performance.timeOrigin : Date.now();
}
