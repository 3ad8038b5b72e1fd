/**
 * A figure of a published report: the answers that its panels drew, as one content, and the requests they answer. Pure.
 *
 * A request is found in another form than it was stored in: with several panels at once, for another width of the
 * window, or for a part of the x axis that was not stored, which the whole curve answers.
 */

import { bucketsOf, FIXED_PX } from "../curves/buckets";

/** A request as a figure stores it. */
export interface FigureRequest {
  readonly method: "GET" | "POST";
  /** Below the project's address; from a slash on: below the API's. */
  readonly path: string;
  readonly body: Body | null;
}

type Body = Readonly<Record<string, unknown>>;

export interface FigureAnswer extends FigureRequest {
  readonly status: number;
  readonly type: string;
  readonly content: Uint8Array<ArrayBuffer>;
}

export interface Figure {
  readonly capturedMicros: number;
  readonly answers: readonly FigureAnswer[];
  /** By run set: the answer that has the runs it showed. */
  readonly runSets: ReadonlyMap<string, FigureAnswer>;
}

/** The server takes no smaller number. */
const FEWEST_BUCKETS = 64;

interface Head {
  readonly captured_micros: number;
  readonly answers: readonly (FigureRequest & {
    readonly status: number;
    readonly type: string;
    readonly n_bytes: number;
  })[];
  readonly run_sets: Readonly<Record<string, number>>;
}

/** Throws an error if it is cut off. */
export function readFigure(bytes: Uint8Array<ArrayBuffer>): Figure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const nHead = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + nHead))) as Head;
  let at = 4 + nHead;
  const answers = head.answers.map(({ n_bytes: nBytes, ...answer }): FigureAnswer => {
    const content = bytes.subarray(at, at + nBytes);
    at += nBytes;
    return { ...answer, content };
  });
  if (at > bytes.length) throw new Error("the figure is cut off");
  return {
    capturedMicros: head.captured_micros,
    answers,
    runSets: new Map(Object.entries(head.run_sets).map(([name, i]) => [name, answers[i]!])),
  };
}

/** Members of bodies whose entries are answered one by one, by path. */
const LISTS: Readonly<Record<string, string>> = { series: "panels", "tables/query-many": "tables" };

/** The requests of one that asks for several things at once. */
export function singleRequests(request: FigureRequest): readonly FigureRequest[] {
  const list = LISTS[request.path];
  const entries = list === undefined ? undefined : request.body?.[list];
  if (list === undefined || !Array.isArray(entries)) return [request];
  return entries.map((entry) => ({ ...request, body: { ...request.body, [list]: [entry] } }));
}

/** The same request for curves that are fine enough for every window. */
export function storedRequest(request: FigureRequest): FigureRequest {
  const panel = panelOf(request);
  if (!panel || request.body?.full === true || panel.lo != null || panel.hi != null) return request;
  const nRuns = Array.isArray(panel.runs) && panel.group == null ? panel.runs.length : 1;
  const nBuckets = Math.max(Number(panel.n_buckets), bucketsOf(FIXED_PX, nRuns));
  return { ...request, body: { ...request.body, panels: [{ ...panel, n_buckets: nBuckets }] } };
}

/** The same request for curves half as fine, several times over. */
export function coarserRequest(request: FigureRequest, halvings: number): FigureRequest {
  const panel = panelOf(request);
  if (!panel || halvings === 0) return request;
  const nBuckets = Math.max(FEWEST_BUCKETS, Math.round(Number(panel.n_buckets) / 2 ** halvings));
  return { ...request, body: { ...request.body, panels: [{ ...panel, n_buckets: nBuckets }] } };
}

function panelOf({ path, body }: FigureRequest): Body | null {
  if (path !== "series" || !Array.isArray(body?.panels)) return null;
  return body.panels[0] as Body;
}

/** Members that say how fine an answer is. */
const WIDTHS = new Set(["n_buckets", "n_columns"]);
/** Members that say which part of the x axis. */
const RANGE = new Set(["lo", "hi"]);

/** A text that equal requests share, whatever their width; and with `isWhole` whatever part of the x axis they ask for. */
export function requestKey({ method, path, body }: FigureRequest, isWhole: boolean): string {
  return `${method} ${path} ${body === null ? "" : textOf(body, isWhole)}`;
}

/** JSON with members in order, without those that are null: a request may leave them out. */
function textOf(value: unknown, isWhole: boolean): string {
  return JSON.stringify(value, (key, member: unknown) => {
    if (member === null || WIDTHS.has(key) || (isWhole && RANGE.has(key))) return;
    if (typeof member !== "object" || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member as Body).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** The runs of a request whose answer has a row of each of them, and the request without them. */
interface AskedRuns {
  readonly key: string;
  readonly ids: readonly string[];
}

const ID_FILTER = /^id in \((.*)\)$/;

/** The ids of a filter that lists runs; null: it is another one. */
export function idsOfFilter(filter: unknown): readonly string[] | null {
  const [, list] = ID_FILTER.exec(String(filter)) ?? [];
  if (list === undefined) return null;
  try {
    const ids: unknown = JSON.parse(`[${list}]`);
    return isTexts(ids) ? ids : null;
  } catch {
    return null;
  }
}

/** Null: its answer is about all of its runs together, or it names none. */
function runsOf(request: FigureRequest): AskedRuns | null {
  const { path, body } = request;
  const panel = panelOf(request);
  if (panel) {
    if (!isTexts(panel.runs) || panel.group != null) return null;
    const rest = { ...request, body: { ...body, panels: [{ ...panel, runs: [] }] } };
    return { key: requestKey(rest, true), ids: panel.runs };
  }
  const keyWith = (part: Body) => requestKey({ ...request, body: { ...body, ...part } }, true);
  if (path === "latest") return isTexts(body?.runs) ? { key: keyWith({ runs: [] }), ids: body.runs } : null;
  if (path === "media/query")
    return isTexts(body?.runs) ? { key: keyWith({ runs: [], skip_awaited: [] }), ids: body.runs } : null;
  const ids = path === "runs/query" ? idsOfFilter(body?.filter) : null;
  return ids && { key: keyWith({ filter: "" }), ids };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Finds the stored answers of requests. */
export class FigureTable {
  readonly #exact = new Map<string, FigureAnswer>();
  readonly #whole = new Map<string, FigureAnswer>();
  /** By the key of a request without its runs. */
  readonly #ofRuns = new Map<
    string,
    { readonly ids: ReadonlySet<string>; readonly answer: FigureAnswer }[]
  >();

  constructor({ answers }: Figure) {
    for (const answer of answers) {
      const whole = requestKey(answer, true);
      const isWhole = requestKey(answer, false) === whole;
      this.#exact.set(requestKey(answer, false), answer);
      if (isWhole || !this.#whole.has(whole)) this.#whole.set(whole, answer);
      const runs = runsOf(answer);
      if (!runs || !isWhole) continue;
      const others = this.#ofRuns.get(runs.key) ?? [];
      this.#ofRuns.set(runs.key, [...others, { ids: new Set(runs.ids), answer }]);
    }
  }

  /** The stored answer to a single request, perhaps with more runs than it names; undefined: it was not stored. */
  find(request: FigureRequest): FigureAnswer | undefined {
    const stored = this.#exact.get(requestKey(request, false)) ?? this.#whole.get(requestKey(request, true));
    return stored ?? this.#ofMoreRuns(request);
  }

  #ofMoreRuns(request: FigureRequest): FigureAnswer | undefined {
    const runs = runsOf(request);
    const stored = runs && this.#ofRuns.get(runs.key);
    return stored?.find(({ ids }) => runs?.ids.every((id) => ids.has(id)))?.answer;
  }
}

/** The content of the answer to a request that asks for several things at once. */
export function joinedContent(
  path: string,
  answers: readonly FigureAnswer[],
): Uint8Array<ArrayBuffer> | string {
  const [first] = answers;
  if (first && answers.length === 1) return first.content;
  if (path === "tables/query-many") {
    const lists = answers.map(
      ({ content }) => (JSON.parse(new TextDecoder().decode(content)) as { answers: unknown[] }).answers,
    );
    return JSON.stringify({ answers: lists.flat() });
  }
  const joined = new Uint8Array(answers.reduce((sum, { content }) => sum + content.length, 0));
  let at = 0;
  for (const { content } of answers) {
    joined.set(content, at);
    at += content.length;
  }
  return joined;
}
