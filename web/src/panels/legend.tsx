/**
 * A panel's legend: one line, as many runs as fit, then how many more; hovering lights the run everywhere.
 */

import { MidName } from "@/ui/mid-name";
import { litOnHover, useLitRun } from "./lit";

export interface LegendRun {
  readonly id: string;
  readonly name: string;
  readonly color: number;
}

/** Px of the parts of an entry, as panel.css sets them. */
const ENTRY_PX = 12 + 5 + 10;
const NAME_MAX_PX = 160;
const MORE_PX = 34;
const SIDE_PX = 24;

const widths = new Map<string, number>();
let measure: CanvasRenderingContext2D | null = null;

function nameWidth(name: string): number {
  let width = widths.get(name);
  if (width === undefined) {
    measure ??= document.createElement("canvas").getContext("2d");
    if (!measure) return NAME_MAX_PX;
    measure.font = `500 11px ${getComputedStyle(document.body).fontFamily}`;
    width = Math.min(NAME_MAX_PX, Math.ceil(measure.measureText(name).width));
    widths.set(name, width);
  }
  return width;
}

/** How many entries fit in `width` px: at least one, and room for `+n` when some are left. */
function fitting(runs: readonly LegendRun[], width: number): number {
  let used = SIDE_PX;
  for (let i = 0; i < runs.length; i++) {
    used += nameWidth(runs[i]!.name) + ENTRY_PX;
    const isLast = i === runs.length - 1;
    if (used > width - (isLast ? 0 : MORE_PX)) return Math.max(1, i);
  }
  return runs.length;
}

export function Legend({ runs, width }: { runs: readonly LegendRun[]; width: number }) {
  const lit = useLitRun();
  if (width === 0) return <div className="legend" />;
  const shown = runs.slice(0, fitting(runs, width));
  const left = runs.length - shown.length;
  const isDim = lit !== null && shown.some((run) => run.id === lit);
  return (
    <div className={`legend ${isDim ? "dim" : ""}`}>
      {shown.map((run) => (
        <span key={run.id} className={run.id === lit ? "lit" : ""} {...litOnHover(run.id)}>
          <i style={{ borderColor: `var(--w-run-${run.color})` }} />
          <MidName name={run.name} />
        </span>
      ))}
      {left > 0 && (
        <span
          className="more"
          title={runs
            .slice(shown.length, shown.length + 40)
            .map((run) => run.name)
            .join("\n")}
        >
          +{left}
        </span>
      )}
    </div>
  );
}
