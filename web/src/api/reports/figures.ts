/** Figures of published versions: stored answers, their capture, and queries that are answered from them. */

import { QueryClient, queryOptions } from "@tanstack/react-query";
import {
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
import { ApiError, ask, jsonBody, projectPath, request, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

/** The figures of one part of a version. */
export type FigureInfo = Schemas["FigureInfo"];

/** A version of a report. */
export interface ReportVersion {
  readonly project: ProjectRef;
  readonly report: string;
  readonly version: number;
}

function figuresPath({ project, report, version }: ReportVersion): string {
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

/** Store the answers to requests as a part of a version. */
export function captureFigure(version: ReportVersion, capture: Schemas["FigureCapture"]) {
  return requestJson<FigureInfo>(figuresPath(version), jsonBody<"FigureCapture">("POST", capture));
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

/** Answers from a figure, and from nothing else. */
export function figureSource(project: ProjectRef, figure: Figure): AnswerSource {
  const table = new FigureTable(figure);
  return async (path, init) => {
    const whole = figureRequest(project, path, init);
    const answers = singleRequests(whole).map((single) => table.find(single));
    const stored = answers.filter((answer) => answer !== undefined);
    if (stored.length < answers.length || stored.length === 0) throw notStored(answers.length);
    const refusal = stored.find(({ status }) => status >= 400);
    if (refusal && stored.length > 1) throw notStored(stored.length);
    const { status, type } = stored[0]!;
    return new Response(joinedContent(whole.path, stored), { status, headers: { "content-type": type } });
  };
}

/** Of several things at once the status says that each may be asked for alone. */
function notStored(nThings: number): ApiError {
  return new ApiError(
    nThings > 1 ? 400 : 404,
    "not_stored",
    "This was not stored when the report was published.",
  );
}

/** Answers of the server, and the requests that asked for them. */
export class FigureRecorder {
  readonly project: ProjectRef;
  readonly #requests = new Map<string, FigureRequest>();

  constructor(project: ProjectRef) {
    this.project = project;
  }

  get requests(): readonly FigureRequest[] {
    return [...this.#requests.values()];
  }

  readonly source: AnswerSource = (path, init) => {
    for (const single of singleRequests(figureRequest(this.project, path, init))) {
      const key = requestKey(single, false);
      const before = this.#requests.get(key);
      const next = storedRequest(single);
      if (!before || widthOf(next) > widthOf(before)) this.#requests.set(key, next);
    }
    return ask(path, init);
  };
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
