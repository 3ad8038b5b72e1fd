/** Runs at one moment, read from the server or from a figure. */

import { ALL_RUNS, type RowsRequest, rowsBody } from "@/api/runs/run-requests";
import type { RunRow } from "@/api/runs/run-rows";
import type { Schemas } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import type { FigureAnswer, FigureRequest } from "@/data/report/figure";
import type { RunMoment } from "@/data/report/run-changes";

/** The most runs of a figure whose changes are told. */
export const MOST_RUNS = 10_000;
const COLUMNS = ["heartbeat", "ended", "runtime"];

/** The request for what is told of some runs. */
export function momentsRequest(ids: readonly string[]): RowsRequest {
  const filter = filterText({ column: "id", op: "in", value: [...ids].sort() });
  return { ...ALL_RUNS, filter, order: [], columns: COLUMNS };
}

/** The same as a figure stores it. */
export function storedMoments(ids: readonly string[]): FigureRequest {
  return {
    method: "POST",
    path: "runs/query",
    body: { ...rowsBody(momentsRequest(ids), null, 0, MOST_RUNS) },
  };
}

export function momentOf({ id, name, state, values }: RunRow): RunMoment {
  const [heartbeat, ended, runtime] = COLUMNS.map((column) => values[column]);
  return { id, name, state, ...timesOf(heartbeat, ended, runtime) };
}

/** The runs of a stored answer to `storedMoments`; none if it was refused. */
export function readMoments({ status, content }: FigureAnswer): readonly RunMoment[] {
  if (status !== 200) return [];
  const { rows } = JSON.parse(new TextDecoder().decode(content)) as Schemas["Table"];
  return rows.map(({ id, name, state, values: [heartbeat, ended, runtime] }) => ({
    id,
    name,
    state,
    ...timesOf(heartbeat, ended, runtime),
  }));
}

function timesOf(heartbeat: unknown, ended: unknown, runtime: unknown) {
  const number = (value: unknown) => (typeof value === "number" ? value : 0);
  return { heardMicros: Math.max(number(heartbeat), number(ended)), runtimeSecs: number(runtime) };
}
