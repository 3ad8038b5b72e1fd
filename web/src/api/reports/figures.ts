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
import { projectId } from "../projects";
import type { ProjectRef, Schemas } from "../types";
import { reportPath } from "./reports";

/** A figure of one part of a version, and of one project whose runs the part shows. */
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

/** The stored answers of a figure, which never change. */
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
 * Store the answers to what a recorder has noted about a project, as a figure of a part of a version.
 *
 * @param runSets by run set of the project: the request for the runs that it shows
 * @returns whether the lists that were stored have the runs that the recorder saw
 */
export async function storeFigure(
  version: ReportVersion,
  part: string,
  project: ProjectRef,
  recorder: FigureRecorder,
  runSets: Readonly<Record<string, FigureRequest>>,
): Promise<boolean> {
  const name = projectId(project);
  const capture = { part, project: name === projectId(version.project) ? null : name, run_sets: runSets };
  for (let halvings = 0; ; halvings++)
    try {
      const requests = recorder.requestsOf(project).map((single) => coarserRequest(single, halvings));
      const body = jsonBody<"FigureCapture">("POST", { ...capture, requests });
      const { sha256 } = await requestJson<FigureInfo>(figuresPath(version), body);
      const answer = await request(`${figuresPath(version)}/${sha256}`);
      return recorder.hasSameRuns(project, readFigure(new Uint8Array(await answer.arrayBuffer())));
    } catch (error) {
      if (!(error instanceof ApiError && error.code === "limit") || halvings >= HALVINGS) throw error;
    }
}

interface ProjectRequest {
  /** The path of its project; empty: it is about none. */
  readonly base: string;
  /** As the figures of the project store it. */
  readonly request: FigureRequest;
}

const OF_PROJECT = /^(\/projects\/[^/]+\/[^/]+)\/(.*)$/;

/** A request, by the project that its path names. */
export function projectRequest(path: string, init: RequestInit): ProjectRequest {
  const [address = "", query] = path.split("?");
  const parameters = new URLSearchParams(query);
  // says what the page has seen, not what it asks for
  parameters.delete("seen_micros");
  const rest = parameters.size > 0 ? `?${parameters}` : "";
  const [, base = "", name = address] = OF_PROJECT.exec(address) ?? [];
  const request: FigureRequest = {
    method: init.method === "POST" ? "POST" : "GET",
    path: name + rest,
    body: typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : null,
  };
  return { base, request };
}

/** A figure with the project that requests for its answers name. */
export interface ProjectFigure {
  readonly project: ProjectRef;
  readonly figure: Figure;
}

const NOT_STORED = "This was not stored when the report was published.";
const NO_FIGURE = "No runs of this project that you may see were stored when the report was published.";

/**
 * Answers about each project from the first figure of it, and from nothing else; about no project, from any.
 *
 * @param absence the text of panels that it has no answers for
 */
export function figureSource(figures: readonly ProjectFigure[], absence = NOT_STORED): AnswerSource {
  const tables = figures.map(({ project, figure }) => ({
    base: projectPath(project),
    table: new FigureTable(figure),
  }));
  return async (path, init) => {
    const { base, request: whole } = projectRequest(path, init);
    const candidates = base ? tables.filter((each) => each.base === base).slice(0, 1) : tables;
    if (candidates.length === 0) throw notStored(1, NO_FIGURE);
    const answers = singleRequests(whole).map((single) =>
      candidates.map(({ table }) => table.find(single)).find((answer) => answer !== undefined),
    );
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

/** The requests about one project, or about none. */
interface RecordedRequests {
  /** By their key. */
  readonly requests: Map<string, FigureRequest>;
  /** Ids of runs by the key of the request whose answer they were. */
  readonly ids: Map<string, string>;
}

/** Answers of the server, and the requests that asked for them, by the project that their paths name. */
export class FigureRecorder {
  /** By the path of the project; empty: about none. */
  readonly #byBase = new Map<string, RecordedRequests>();

  /** Those about a project, and those about none: their answers are in the figures of all projects. */
  requestsOf(project: ProjectRef): readonly FigureRequest[] {
    return [projectPath(project), ""].flatMap((base) => [...this.#recorded(base).requests.values()]);
  }

  readonly source: AnswerSource = async (path, init) => {
    const { base, request: whole } = projectRequest(path, init);
    const { requests, ids } = this.#recorded(base);
    for (const single of singleRequests(whole)) {
      const key = requestKey(single, false);
      const before = requests.get(key);
      const next = storedRequest(single);
      if (!before || widthOf(next) > widthOf(before)) requests.set(key, next);
    }
    const answer = await ask(path, init);
    if (whole.path === RUNS && answer.ok)
      ids.set(requestKey(whole, false), idsText(await answer.clone().text()));
    return answer;
  };

  #recorded(base: string): RecordedRequests {
    const recorded = this.#byBase.get(base) ?? { requests: new Map(), ids: new Map() };
    this.#byBase.set(base, recorded);
    return recorded;
  }

  /**
   * Whether the lists of a project's figure have the runs that were seen: with others, its panels would ask for other
   * curves.
   */
  hasSameRuns(project: ProjectRef, { answers }: Figure): boolean {
    const { ids: seen } = this.#recorded(projectPath(project));
    return answers.every((answer) => {
      const ids = seen.get(requestKey(answer, false));
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
