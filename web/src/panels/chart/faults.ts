/** Why charts of some runs are not drawn, in words. Pure. */

import type { TableWindow } from "@/api/files/tables";
import { stepText } from "@/data/media/steps";
import type { MediaGroup } from "../media/grid/media-groups";
import type { PanelRun } from "../panel-props";
import { type ChartEntry, lackingFields, type UnknownChart } from "./drawings";
import type { ChartRows } from "./use-chart-rows";

export interface ChartFault {
  readonly run: PanelRun;
  readonly say: string;
  /** Whether rows of it are drawn all the same. */
  readonly isDrawn: boolean;
}

interface FaultFacts {
  readonly groups: readonly MediaGroup[];
  /** The panel's step. */
  readonly step: number;
  readonly entries: readonly ChartEntry[];
  readonly unknown: readonly UnknownChart[];
  readonly rows: Pick<ChartRows, "windows" | "errors">;
}

export function chartFaults({ groups, step, entries, unknown, rows }: FaultFacts): ChartFault[] {
  return [
    ...groups.flatMap(({ run, items }): ChartFault[] => {
      if (items.some(({ chart }) => chart)) return [];
      const say = items.length > 0 ? "not a chart at this step" : `nothing up to step ${stepText(step)}`;
      return [{ run, say, isDrawn: false }];
    }),
    ...entries.flatMap((entry, i): ChartFault[] => {
      const window = rows.windows[i] ?? null;
      const say = faultOf(entry, window, rows.errors[i] ?? null);
      return say === null ? [] : [{ run: entry.run, say, isDrawn: (window?.rows.length ?? 0) > 0 }];
    }),
    ...unknown.map(({ run, preset }) => ({ run, say: `unknown preset ${preset}`, isDrawn: false })),
  ];
}

function faultOf(entry: ChartEntry, window: TableWindow | null, error: Error | null): string | null {
  const { file } = entry.item;
  if (file.state !== "stored") return stateText(file.state, file.error ?? null, entry.run);
  const lacking = lackingFields(entry);
  if (lacking.length > 0) return `the chart names no column for ${lacking.join(", ")}`;
  if (error) return error.message;
  if (!window) return null;
  if (window.state !== "stored") return stateText(window.state, window.error ?? null, entry.run);
  return window.n_rows === 0 ? "its table has no rows" : null;
}

function stateText(state: TableWindow["state"], error: string | null, run: PanelRun): string {
  if (state === "deleted") return "its table was deleted";
  if (state === "failed") return error ?? "its table has no content";
  return run.isLive ? "its table is being sent" : "its table was not sent: run `weft sync` on its machine";
}
