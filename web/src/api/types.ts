/**
 * The shapes of `/api/v1` under the names the app uses; `npm run types` makes `schema.gen.ts` of the server's own
 * description, `openapi.json`.
 */

import type { components } from "./schema.gen";

export type Schemas = components["schemas"];

/** `{entity}/{project}`. */
export interface ProjectRef {
  readonly entity: string;
  readonly project: string;
}

export type Project = Schemas["Project"];
export type Run = Schemas["Run"];
export type RunPage = Schemas["RunList"];
export type Metric = Schemas["Metric"];
export type MetricNames = Schemas["MetricNames"];
/** A view as lists show it, and with its document: see `data/view/`. */
export type SavedViewInfo = Schemas["ViewInfo"];
export type SavedView = Schemas["View"];
export type ServerInfo = Schemas["ServerInfo"];
export type Problem = Schemas["Problem"];
/** Changes of a project, by run id; `keys` null: any metric; `meta`: the run itself, also a new or deleted one. */
export type Change = Schemas["Change"];
