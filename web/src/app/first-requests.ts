/**
 * The requests that a page makes first, sent while the app's scripts are loading: the build puts this module into
 * `index.html`, so it imports no library. `api/early.ts` hands the answers to the app.
 *
 * A request whose path or body differs from the app's own costs a request and changes nothing.
 */

import { projectPath, runPath } from "@/api/client";
import { beginEarly } from "@/api/early";
import {
  ALL_RUNS,
  countBody,
  failedRunsPath,
  homeProjects,
  idsBody,
  metricNamesPath,
  newestRunsPath,
  PAGE_ROWS,
  RUNNING_RUNS,
  rowsBody,
  runningOf,
  runningRunsPath,
} from "@/api/runs/run-requests";
import type { Project, ProjectRef, SavedView, Schemas } from "@/api/types";
import { FIRST_SHOWN, shownAmong } from "@/data/runs/shown-runs";
import { FIRST_VIEW, listedColumns, type View } from "@/data/view/view";

/** First parts of addresses that are not those of a project. */
const NOT_ENTITIES = new Set(["docs", "share", "registry", "settings", "teams"]);

/** The kind of page at an address: `home`, `workspace`, `runs/item`; null: it needs nothing of a project. */
export function pageKind(pathname: string): string | null {
  const [entity, project, tab = "workspace", item] = parts(pathname);
  if (entity === undefined) return "home";
  if (project === undefined || NOT_ENTITIES.has(entity)) return null;
  return item === undefined ? tab : `${tab}/item`;
}

/** Send the first requests of the page at an address. Resolves when all that depend on others are sent. */
export async function requestFirst({
  pathname,
  search,
}: {
  pathname: string;
  search: string;
}): Promise<void> {
  const kind = pageKind(pathname);
  const hasView = /[?&]view=/.test(search);
  const [entity = "", project = "", , item = ""] = parts(pathname).map(decodeURIComponent);
  if (kind === null) return;
  void beginEarly("/server");
  if (kind === "home") {
    const answer = beginEarly("/projects");
    if (!hasView) await requestHomeRuns(answer);
    return;
  }
  const ref = { entity, project };
  const path = projectPath(ref);
  void beginEarly(path);
  if (kind === "runs/item") void beginEarly(runPath(ref, item));
  if (kind === "workspace") void beginEarly(metricNamesPath(ref, null));
  // a view that the page before could not save is sent first
  const isSaved = (sessionStorage.getItem(`weft.unsaved.${entity}/${project}`) ?? "null") === "null";
  if ((kind !== "workspace" && kind !== "runs") || hasView || !isSaved) return;
  const view = beginEarly(`${path}/views/default`);
  if (kind === "workspace" && search === "") await requestListedRuns(ref, view);
}

function parts(pathname: string): string[] {
  return pathname.split("/").filter(Boolean);
}

async function requestHomeRuns(answer: Promise<Response>): Promise<void> {
  const { active, large, running } = homeProjects((await read<{ projects: Project[] }>(answer)).projects);
  for (const ref of active) void beginEarly(newestRunsPath(ref));
  for (const ref of large) void beginEarly(failedRunsPath(ref));
  for (const ref of running) void beginEarly(runningRunsPath(ref));
}

/** The runs that the default view lists, and the names of the metrics of those it shows. */
async function requestListedRuns(ref: ProjectRef, answer: Promise<Response>): Promise<void> {
  const { document } = await read<SavedView>(answer);
  const view: View = { ...FIRST_VIEW, ...document };
  if (view.groupBy.length > 0 || view.colorBy !== null || view.baseline !== null) return;
  const path = `${projectPath(ref)}/runs/query`;
  const request = { ...ALL_RUNS, filter: view.filter, order: view.order };
  const rows = beginEarly(path, rowsBody({ ...request, columns: listedColumns(view) }, null, 0, PAGE_ROWS));
  const running = beginEarly(path, idsBody({ ...request, ...runningOf(request) }, FIRST_SHOWN));
  void beginEarly(path, countBody(ALL_RUNS));
  void beginEarly(path, countBody(RUNNING_RUNS));
  const [first, live] = await Promise.all([rows, running].map((table) => read<Schemas["Table"]>(table)));
  if (first === undefined || live === undefined) return;
  const shown = shownAmong(first.rows, first.total, new Set(live.rows.map(({ id }) => id)), view.selection);
  if (shown !== null && shown.length > 0)
    void beginEarly(metricNamesPath(ref, shown.map(({ id }) => id).sort()));
}

async function read<T>(answer: Promise<Response>): Promise<T> {
  return (await answer).json() as Promise<T>;
}
