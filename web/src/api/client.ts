/**
 * One fetch for the whole app: the base path, JSON, problem documents as errors.
 *
 * Every resource file in this folder goes through it.
 */

import { sourceOf } from "./answers";
import { takeEarlyAnswer } from "./early";
import type { Problem, ProjectRef, Schemas } from "./types";

/** Begins the address of each request. */
export const BASE = "/api/v1";

/** An answer that was an error, or no answer at all (`status` 0). */
export class ApiError extends Error {
  readonly status: number;
  /** One of `weft.errors`, or `unreachable`. */
  readonly code: string;
  readonly requestId: string | null;
  /** Paths of the wrong fields: `panels.0.expressions.0.text`. */
  readonly errors: NonNullable<Problem["errors"]>;
  /** Where in the text of a filter or an expression it is wrong, from 1. */
  readonly column: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    { request_id = null, errors = [], column = null }: Partial<Problem> = {},
  ) {
    super(detail);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.requestId = request_id;
    this.errors = errors ?? [];
    this.column = column;
  }
}

/** Whether the server knows the reader and refuses them what they ask for. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403;
}

/** Whether the server does not know the reader (any more): the browser has no valid sign-in. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Whether an error is the answer for a thing that is in the trash, purged or unknown. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 410);
}

/** Stands for the entity of what a link shares: no user or team has this name. */
export const SHARED_ENTITY = "share";

/** What a link shares, in place of a project. */
export function sharedRef(link: string): ProjectRef {
  return { entity: SHARED_ENTITY, project: link };
}

/** The path of a project's resources, each part escaped. */
export function projectPath({ entity, project }: ProjectRef): string {
  if (entity === SHARED_ENTITY) return `/shared/${encodeURIComponent(project)}`;
  return `/projects/${encodeURIComponent(entity)}/${encodeURIComponent(project)}`;
}

/** The path of a run's resources. */
export function runPath(ref: ProjectRef, run: string): string {
  return `${projectPath(ref)}/runs/${encodeURIComponent(run)}`;
}

let wroteAt = Number.NEGATIVE_INFINITY;

/** The time since this page last changed something on the server. */
export function millisSinceWrite(): number {
  return performance.now() - wroteAt;
}

/** Ask the server, wherever the query's answers come from. */
export function ask(path: string, init: RequestInit): Promise<Response> {
  return fetch(BASE + path, init);
}

/** Fetch below `/api/v1`. Throws `ApiError`; an abort stays an `AbortError`. */
export async function request(path: string, init: RequestInit = {}): Promise<Response> {
  const source = sourceOf(init.signal);
  let response: Response;
  try {
    response = await (source?.(path, init) ?? takeEarlyAnswer(path, init) ?? ask(path, init));
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    if (error instanceof ApiError) throw error;
    throw new ApiError(0, "unreachable", "The server does not answer");
  }
  // what only reads can be aborted
  if (init.method && init.method !== "GET" && !init.signal) wroteAt = performance.now();
  if (response.ok) return response;
  throw await problemOf(response);
}

/** As `request`, read as JSON. */
export async function requestJson<T>(path: string, init: RequestInit = {}): Promise<T> {
  return (await (await request(path, init)).json()) as T;
}

/** The function of a query that reads JSON, and is aborted with it. */
export function readJson<T>(path: string) {
  return ({ signal }: { readonly signal: AbortSignal }) => requestJson<T>(path, { signal });
}

/** The init of a request with a JSON body of the shape that the server describes: `jsonBody<"RunQuery">("POST", …)`. */
export function jsonBody<Shape extends keyof Schemas = never>(
  method: "POST" | "PATCH" | "PUT",
  body: NoInfer<Schemas[Shape]>,
): RequestInit {
  return { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function problemOf(response: Response): Promise<ApiError> {
  const fallback = `${response.status} ${response.statusText}`.trim();
  try {
    const doc = (await response.json()) as Partial<Problem>;
    return new ApiError(response.status, doc.code ?? "error", doc.detail ?? doc.title ?? fallback, doc);
  } catch {
    // a proxy's HTML page, or nothing: the status line is all there is
    return new ApiError(response.status, response.status >= 502 ? "unreachable" : "error", fallback);
  }
}
