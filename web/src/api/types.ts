/**
 * The shapes of `/api/v1`, by their names in `docs/http-api.md`.
 */

/** `{entity}/{project}`. */
export interface ProjectRef {
  readonly entity: string;
  readonly project: string;
}

export type RunState =
  | "pending"
  | "running"
  | "finished"
  | "failed"
  | "crashed"
  | "killed"
  | "preempting"
  | "preempted";

export interface Project extends ProjectRef {
  created_micros: number;
  active_micros: number;
  n_runs: number;
  n_running: number;
}

export interface Run extends ProjectRef {
  id: string;
  name: string;
  state: RunState;
  notes: string | null;
  tags: string[];
  group: string | null;
  job_type: string | null;
  created_micros: number;
  started_micros: number | null;
  heartbeat_micros: number | null;
  ended_micros: number | null;
  exit_code: number | null;
  host: string | null;
  config: Record<string, unknown>;
  summary: Record<string, unknown>;
}

export interface RunPage {
  runs: Run[];
  cursor: string | null;
  total: number;
}

export type MetricKind = "int" | "float" | "bool" | "object";

export interface Metric {
  key: string;
  kinds: MetricKind[];
  n_runs: number;
  n_points: number;
}

export interface ServerInfo {
  version: string;
  server: string;
  mode: string;
  url: string;
}

/** What changed in a project, as `events` sends it. */
export interface Change {
  /** By run id; `keys` null: any of its metrics; `meta`: the run itself, also a new or a deleted one. */
  runs: Record<string, { keys: string[] | null; meta: boolean }>;
}
