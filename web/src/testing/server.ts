/**
 * A server with one project, in memory, behind `fetch`: the only part of the app that component tests fake.
 *
 * It reads no more of the filter language than `=`, `!=` and `in`, joined by `and`.
 */

import type { FilterTree } from "@/data/filter/tree";

export const PROJECT = { entity: "me", project: "vision" };

/** The view of an admin of a team who looks as a viewer. */
export const AS_VIEWER = { user: null, role: "viewer", entity: "lab", project: null, until_micros: 4e15 };

export interface FakeRun {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly color: number;
  readonly tags: readonly string[];
  readonly notes: string | null;
  /** Columns besides those above: `config.lr`, `runtime`. */
  readonly values: Readonly<Record<string, unknown>>;
}

interface FakeRequest {
  readonly method: string;
  /** Below `/api/v1`. */
  readonly path: string;
  readonly query: URLSearchParams;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are of every shape
  readonly body: any;
}

/** The answer; a `Response` as it is. */
type Answer = (request: FakeRequest) => unknown;

export function problem(status: number, code: string, detail: string, more: object = {}): Response {
  return Response.json({ code, detail, ...more }, { status });
}

export function fakeRun(name: string, part: Partial<FakeRun> = {}): FakeRun {
  return { id: `id-${name}`, name, state: "finished", color: 1, tags: [], notes: null, values: {}, ...part };
}

export class FakeServer {
  runs: FakeRun[];
  /** All that was asked, in order. */
  readonly requests: FakeRequest[] = [];
  readonly #answers: [method: string, path: string, Answer][] = [];

  constructor(runs: readonly FakeRun[]) {
    this.runs = [...runs];
    globalThis.fetch = (input, init) => this.#fetch(String(input), init);
  }

  /** Answers otherwise from here on. `path` is below the project, or with a slash before it below `/api/v1`. */
  on(method: string, path: string, answer: Answer): void {
    this.#answers.unshift([method, pathOf(path), answer]);
  }

  /** Answers only once the returned function is called. */
  hold(method: string, path: string): () => void {
    let release = () => {};
    const released = new Promise<void>((done) => {
      release = done;
    });
    this.on(method, path, async (request) => {
      await released;
      return this.answer(request);
    });
    return () => release();
  }

  /** Bodies of the requests so far, where they have one. */
  // biome-ignore lint/suspicious/noExplicitAny: bodies are of every shape
  bodies(method: string, path: string): any[] {
    const whole = pathOf(path);
    return this.requests
      .filter((request) => request.method === method && request.path === whole)
      .map(({ body }) => body);
  }

  async #fetch(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname, searchParams } = new URL(url, "http://weft.test");
    const request: FakeRequest = {
      method: init.method ?? "GET",
      path: decodeURIComponent(pathname.replace("/api/v1", "")),
      query: searchParams,
      body: typeof init.body === "string" ? JSON.parse(init.body) : undefined,
    };
    this.requests.push(request);
    const answerer = this.#answers.find(
      ([method, path]) => method === request.method && path === request.path,
    );
    const answer = await (answerer ? answerer[2](request) : this.answer(request));
    init.signal?.throwIfAborted();
    return answer instanceof Response ? answer : Response.json(answer ?? null);
  }

  /** Its own answer. */
  answer({ method, path, query, body }: FakeRequest): unknown {
    const own = path.replace(pathOf(""), "");
    const [, id = "", act] = /^runs\/([^/]+)(?:\/(\w+))?$/.exec(own) ?? [];
    if (path === "/server") return { user: "me" };
    if (path === "/filters/parse") return { tree: treeOf(body.filter) };
    if (own === "events") return new Promise(() => {});
    if (own === "runs/query") return this.#rows(body);
    if (own === "runs/groups") return this.#groups(body);
    if (own === "columns") return this.#columns(query);
    if (own === "series") return {};
    if (own.startsWith("metrics")) return { metrics: [], names: [], total: 0, cursor: null };
    if (own === "views") return { views: [] };
    if (own.startsWith("views/")) return problem(404, "not_found", "no such view");
    const run = this.runs.find((candidate) => candidate.id === id);
    if (method === "PATCH" && run) {
      this.runs = this.runs.map((other) => (other === run ? { ...run, ...body } : other));
      return { ...run, ...body };
    }
    if (method === "DELETE" && run) this.runs = this.runs.filter((other) => other !== run);
    if (method === "DELETE" || act === "stop" || act === "undelete")
      return new Response(null, { status: 204 });
    throw new Error(`the fake server knows no ${method} ${path}`);
  }

  #rows({ filter = "", search = "", under, columns, offset = 0, limit }: RowsBody) {
    const matches = this.#matching(filter, search).filter((run) =>
      under ? under.by.every((column, i) => columnOf(run, column) === under.values[i]) : true,
    );
    const rows = matches.slice(offset, offset + limit).map((run) => ({
      id: run.id,
      name: run.name,
      state: run.state,
      color: run.color,
      values: columns.map((column) => columnOf(run, column)),
    }));
    return { rows, total: matches.length, cursor: null };
  }

  #groups({ filter = "", search = "", by, under = [], aggregates = [] }: GroupsBody) {
    const column = by[under.length]!;
    const inside = this.#matching(filter, search).filter((run) =>
      under.every((value, i) => columnOf(run, by[i]!) === value),
    );
    const values = inside.flatMap((run) => columnOf(run, column) ?? []);
    const groups = [...new Set(values)].map((value) => ({
      values: [...under, value],
      n_runs: values.filter((other) => other === value).length,
      aggregates: aggregates.map(() => null),
      groups: [],
    }));
    return { groups, total: groups.length };
  }

  #columns(query: URLSearchParams) {
    const [scope, search] = [query.get("scope"), query.get("search") ?? ""];
    const names = [...new Set(this.runs.flatMap(({ values }) => Object.keys(values)))];
    const columns = names
      .filter((name) => query.get("has_goal") === null && name.startsWith(scope ? `${scope}.` : ""))
      .filter((name) => (query.get("regex") ? new RegExp(search).test(name) : name.includes(search)))
      .map((column) => {
        const samples = this.runs.flatMap((run) => columnOf(run, column) ?? []);
        const kinds = { [typeof samples[0] === "number" ? "number" : "text"]: samples.length };
        return { column, kinds, n_runs: samples.length, samples };
      });
    return { columns, total: columns.length, cursor: null };
  }

  #matching(filter: string, search: string): FakeRun[] {
    const conditions = conditionsOf(treeOf(filter));
    return this.runs.filter(
      (run) =>
        run.name.includes(search) &&
        conditions.every(({ column, op, value }) => {
          const own = columnOf(run, column);
          if (op === ">") return Number(own) > Number(value);
          return op === "in" ? (value as unknown[]).includes(own) : (own === value) === (op === "=");
        }),
    );
  }
}

interface RowsBody {
  readonly filter?: string;
  readonly search?: string;
  readonly under?: { readonly by: readonly string[]; readonly values: readonly unknown[] };
  readonly columns: readonly string[];
  readonly offset?: number;
  readonly limit: number;
}

interface GroupsBody {
  readonly filter?: string;
  readonly search?: string;
  readonly by: readonly string[];
  readonly under?: readonly unknown[];
  readonly aggregates?: readonly unknown[];
}

function pathOf(path: string): string {
  return path.startsWith("/") ? path : `/projects/${PROJECT.entity}/${PROJECT.project}/${path}`;
}

function columnOf(run: FakeRun, column: string): unknown {
  if (column in run.values) return run.values[column];
  return (run as unknown as Readonly<Record<string, unknown>>)[column] ?? null;
}

function conditionsOf(tree: FilterTree): readonly Extract<FilterTree, { column: string }>[] {
  if ("and" in tree) return tree.and.flatMap(conditionsOf);
  return "column" in tree ? [tree] : [];
}

function treeOf(filter: string): FilterTree {
  const parts = filter.trim() === "" ? [] : filter.split(" and ");
  const and = parts.map((part): FilterTree => {
    const [, column, op, text] = /^(\S+) (=|!=|>|in) (\S.*)$/.exec(part) ?? [];
    if (!column || !op || text === undefined) throw new Error(`the fake server reads no ${part}`);
    if (op === "in") return { column, op, value: JSON.parse(text.replace("(", "[").replace(")", "]")) };
    const value = Number.isNaN(Number(text)) ? text.replaceAll('"', "") : Number(text);
    return { column, op: op as "=" | "!=" | ">", value };
  });
  return and.length === 1 ? and[0]! : { and };
}
