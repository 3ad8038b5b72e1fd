/** Figures of published versions: stored answers, their capture, and queries that are answered from them. */

import { QueryClient, queryOptions } from "@tanstack/react-query";
import {
  coarserRequest,
  type Figure,
  type FigureRequest,
  FigureTable,
  joinedContent,
  readFigure,
  requestKey,
  singleRequests,
  storedRequest,
} from "@/data/report/figure";
import { type AnswerSource, setSource } from "../answers";
import { ApiError, ask, jsonBody, projectPath, request, requestJson, SHARED_ENTITY } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

/** The figures of one part of a version. */
export type FigureInfo = Schemas["FigureInfo"];

/** A version of a report; `project` is as of `sharedRef` if a link shows it. */
export interface ReportVersion {
  readonly project: ProjectRef;
  readonly report: string;
  readonly version: number;
}

function figuresPath({ project, report, version }: ReportVersion): string {
  if (project.entity === SHARED_ENTITY) return `${projectPath(project)}/report/figures`;
  return `${reportPath(project, report)}/versions/${version}/figures`;
}

/** The stored answers of a part of a version, which never change. */
export function figureQuery(version: ReportVersion, sha256: string) {
  return queryOptions({
    queryKey: ["figure", version.project.entity, version.project.project, version.report, sha256] as const,
    queryFn: async ({ signal }): Promise<Figure> => {
      const answer = await request(`${figuresPath(version)}/${sha256}`, { signal });
      return readFigure(new Uint8Array(await answer.arrayBuffer()));
    },
    structuralSharing: false,
  });
}

/** Times that curves are made half as fine for a figure that is too large. */
const HALVINGS = 3;

/**
 * Store the answers to what a recorder has noted, as a part of a version.
 *
 * @param runSets by run set: the request for the runs that it shows
 * @returns whether the lists that were stored have the runs that the recorder saw
 */
export async function storeFigure(
  version: ReportVersion,
  part: string,
  recorder: FigureRecorder,
  runSets: Readonly<Record<string, FigureRequest>>,
): Promise<boolean> {
  const { entity, project } = recorder.project;
  const isOwn = entity === version.project.entity && project === version.project.project;
  const capture = { part, project: isOwn ? null : `${entity}/${project}`, run_sets: runSets };
  for (let halvings = 0; ; halvings++)
    try {
      const requests = recorder.requests.map((single) => coarserRequest(single, halvings));
      const body = jsonBody<"FigureCapture">("POST", { ...capture, requests });
      const { sha256 } = await requestJson<FigureInfo>(figuresPath(version), body);
      const answer = await request(`${figuresPath(version)}/${sha256}`);
      return recorder.hasSameRuns(readFigure(new Uint8Array(await answer.arrayBuffer())));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "limit") || halvings >= HALVINGS) throw error;
    }
}

/** A request as figures store it. @param project whose runs the figure shows */
export function figureRequest(project: ProjectRef, path: string, init: RequestInit): FigureRequest {
  const base = `${projectPath(project)}/`;
  const [address = "", query] = path.split("?");
  const parameters = new URLSearchParams(query);
  // says what the page has seen, not what it asks for
  parameters.delete("seen_micros");
  const rest = parameters.size > 0 ? `?${parameters}` : "";
  return {
    method: init.method === "POST" ? "POST" : "GET",
    path: (address.startsWith(base) ? address.slice(base.length) : address) + rest,
    body: typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : null,
  };
}

const NOT_STORED = "This was not stored when the report was published.";

/**
 * Answers from a figure, and from nothing else.
 *
 * @param absence the text of panels that it has no answers for
 */
export function figureSource(project: ProjectRef, figure: Figure, absence = NOT_STORED): AnswerSource {
  const table = new FigureTable(figure);
  return async (path, init) => {
    const whole = figureRequest(project, path, init);
    const answers = singleRequests(whole).map((single) => table.find(single));
    const stored = answers.filter((answer) => answer !== undefined);
    if (stored.length < answers.length || stored.length === 0) throw notStored(answers.length, absence);
    const refusal = stored.find(({ status }) => status >= 400);
    if (refusal && stored.length > 1) throw notStored(stored.length, absence);
    const { status, type } = stored[0]!;
    return new Response(joinedContent(whole.path, stored), { status, headers: { "content-type": type } });
  };
}

/** Of several things at once the status says that each may be asked for alone. */
function notStored(nThings: number, absence: string): ApiError {
  return new ApiError(nThings > 1 ? 400 : 404, "not_stored", absence);
}

/** Answers of the server, and the requests that asked for them. */
export class FigureRecorder {
  readonly project: ProjectRef;
  readonly #requests = new Map<string, FigureRequest>();
  /** Ids of runs by the key of the request whose answer they were. */
  readonly #ids = new Map<string, string>();

  constructor(project: ProjectRef) {
    this.project = project;
  }

  get requests(): readonly FigureRequest[] {
    return [...this.#requests.values()];
  }

  readonly source: AnswerSource = async (path, init) => {
    const whole = figureRequest(this.project, path, init);
    for (const single of singleRequests(whole)) {
      const key = requestKey(single, false);
      const before = this.#requests.get(key);
      const next = storedRequest(single);
      if (!before || widthOf(next) > widthOf(before)) this.#requests.set(key, next);
    }
    const answer = await ask(path, init);
    if (whole.path === RUNS && answer.ok)
      this.#ids.set(requestKey(whole, false), idsText(await answer.clone().text()));
    return answer;
  };

  /** Whether a figure's lists have the runs that were seen: with others, its panels would ask for other curves. */
  hasSameRuns({ answers }: Figure): boolean {
    return answers.every((answer) => {
      const ids = this.#ids.get(requestKey(answer, false));
      return ids === undefined || ids === idsText(new TextDecoder().decode(answer.content));
    });
  }
}

const RUNS = "runs/query";

function idsText(json: string): string {
  const { rows = [] } = JSON.parse(json) as { rows?: readonly { readonly id: string }[] };
  return rows
    .map(({ id }) => id)
    .sort()
    .join();
}

function widthOf({ body }: FigureRequest): number {
  const panel = Array.isArray(body?.panels) ? (body.panels[0] as { n_buckets?: number }) : null;
  return panel?.n_buckets ?? 0;
}

/** Queries whose answers come from a source; they never grow old. */
export function sourcedClient(source: AnswerSource): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnWindowFocus: false,
        networkMode: "always",
        retry: false,
        behavior: { onFetch: ({ signal }) => setSource(signal, source) },
      },
    },
  });
}
