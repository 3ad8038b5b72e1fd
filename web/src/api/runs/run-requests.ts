/**
 * Paths and bodies of requests for lists of runs.
 *
 * `index.html` sends the first of them before the app's scripts are loaded, so this module imports no library.
 */

import { allOf, filterText, RUNNING } from "@/data/filter/tree";
import type { Order } from "@/data/view/view";
import { projectPath } from "../client";
import type { Project, ProjectRef, Schemas } from "../types";

export const PAGE_ROWS = 100;

/** The set of runs that a page is about. */
export interface RunSet {
  /** In the filter language; empty: all. */
  readonly filter: string;
  readonly search: string;
  readonly isRegex: boolean;
}

/** All runs of a project, and those that run: the counts that a workspace shows. */
export const ALL_RUNS: RunSet = { filter: "", search: "", isRegex: false };
export const RUNNING_RUNS: RunSet = runningOf(ALL_RUNS);

/** The runs of one group: the columns they are grouped by, and its values of the first of them. */
export interface Under {
  readonly by: readonly string[];
  readonly values: readonly unknown[];
}

export interface RowsRequest extends RunSet {
  /** Empty: newest first. */
  readonly order: readonly Order[];
  readonly columns: readonly string[];
}

type Body = Schemas["RunQuery"];

/** The path of the names of all metrics of some runs, or with `runs` null of the project. */
export function metricNamesPath(ref: ProjectRef, runs: readonly string[] | null): string {
  const query = runs ? `?${new URLSearchParams({ runs: runs.join(",") })}` : "";
  return `${projectPath(ref)}/metrics/names${query}`;
}

/** The part of a body that says which runs. */
export function setBody({ filter, search, isRegex }: RunSet): Pick<Body, "filter" | "search" | "regex"> {
  return {
    ...(filter.trim() && { filter }),
    ...(search && { search }),
    ...(search && isRegex && { regex: true }),
  };
}

/** The body of a page of rows, `limit` each, from 0; their tags are among the columns. */
export function rowsBody(request: RowsRequest, under: Under | null, page: number, limit: number) {
  const { order, columns } = request;
  return {
    ...setBody(request),
    ...(order.length > 0 && { order }),
    ...(under && { under }),
    ...(page > 0 && { offset: page * limit }),
    columns: columns.includes("tags") ? columns : [...columns, "tags"],
    limit,
  } satisfies Body;
}

/** The set of the running ones among some runs. */
export function runningOf(set: RunSet): RunSet {
  return { ...set, filter: allOf(set.filter, filterText(RUNNING)) };
}

/** The body of the first ids of a list. */
export function idsBody(set: RunSet & { readonly order: readonly Order[] }, limit: number) {
  const { order } = set;
  return { ...setBody(set), ...(order.length > 0 && { order }), columns: [], limit } satisfies Body;
}

export function countBody(set: RunSet) {
  return { ...setBody(set), columns: [], limit: 1 } satisfies Body;
}

const HOME_PROJECTS = 6;
/** Newest runs that Home shows of a project. */
export const HOME_NEWEST = 30;
const HOME_RUNNING = 100;
/** Newest failed runs that it shows of a project with more runs than `HOME_NEWEST`. */
const HOME_FAILED = 10;
const FAILED = "state in (failed, crashed)";

type Counts = Pick<Project, "n_runs" | "n_running">;

/** The projects whose newest, whose failed and whose running runs Home shows. `projects`: newest activity first. */
export function homeProjects<P extends Counts>(projects: readonly P[]) {
  const active = projects.filter((project) => project.n_runs > 0).slice(0, HOME_PROJECTS);
  return {
    active,
    // of the others, the newest runs are all
    large: active.filter((project) => project.n_runs > HOME_NEWEST),
    running: projects.filter((project) => project.n_running > 0),
  };
}

export function newestRunsPath(ref: ProjectRef, limit = HOME_NEWEST): string {
  return `${projectPath(ref)}/runs?limit=${limit}`;
}

export function failedRunsPath(ref: ProjectRef): string {
  return `${projectPath(ref)}/runs?${new URLSearchParams({ filter: FAILED, limit: String(HOME_FAILED) })}`;
}

export function runningRunsPath(ref: ProjectRef): string {
  return `${projectPath(ref)}/runs?state=running&limit=${HOME_RUNNING}`;
}
