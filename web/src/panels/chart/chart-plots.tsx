/** The drawings of a panel of logged charts: one that fills it, or several side by side. */

import { useCallback, useRef, useState } from "react";
import { runToken } from "@/charts/tokens";
import { formatNoun } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { useInView } from "../frame/use-in-view";
import { RunName } from "../media/grid/media-grid";
import { VegaFault } from "../vega/vega-fault";
import { type Tables, VegaPlot } from "../vega/vega-plot";
import type { Drawing } from "./drawings";
import { COLOR_FIELD, RUN_FIELD } from "./preset";
import "../vega/vega.css";
import "./chart.css";

interface ChartPlotsProps {
  readonly title: string;
  readonly drawings: readonly Drawing[];
  /** Whether a drawing of one run says whose it is. */
  readonly hasNames: boolean;
  /** Whether drawings say what they are called. */
  readonly hasTitles: boolean;
}

export function ChartPlots({ title, drawings, hasNames, hasTitles }: ChartPlotsProps) {
  if (drawings.length === 1 && !(hasNames && drawings[0]!.run))
    return (
      <div className="vega-place">
        <ChartPlot title={title} drawing={drawings[0]!} />
      </div>
    );
  return (
    <div
      ref={leaveWheelToPage}
      className="chart-grid"
      role="group"
      aria-label={`${title}, scrolled`}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
      tabIndex={0}
    >
      {drawings.map((drawing) => (
        <figure key={drawing.id}>
          <figcaption>
            {hasNames && drawing.run && <RunName run={drawing.run} />}
            {hasTitles && (
              <span className="ell muted" title={drawing.title ?? undefined}>
                {drawing.title}
              </span>
            )}
          </figcaption>
          <SeenPlot title={title} drawing={drawing} />
        </figure>
      ))}
    </div>
  );
}

interface ChartPlotProps {
  readonly title: string;
  readonly drawing: Drawing;
}

/** Drawn only while it is in view. */
function SeenPlot(props: ChartPlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  const isInView = useInView(ref);
  return (
    <div className="chart-place" ref={ref}>
      {isInView && <ChartPlot {...props} />}
    </div>
  );
}

function ChartPlot({ title, drawing: { spec, of } }: ChartPlotProps) {
  const [fault, setFault] = useState<string | null>(null);
  const tables = useCallback(
    (): Tables => ({
      wandb: of.flatMap(({ run, name, rows }) => {
        const color = runToken(run.color);
        return rows.map((row) => ({ ...row, [RUN_FIELD]: name, [COLOR_FIELD]: color }));
      }),
    }),
    [of],
  );
  const runsLabel = of.length === 1 ? of[0]!.name : formatNoun(of.length, "run");
  return (
    <>
      {fault && <VegaFault fault={fault} />}
      <div className={fault ? "vega-place off" : "chart-fill"}>
        <VegaPlot label={`${title} of ${runsLabel}`} spec={spec} tables={tables} onError={setFault} />
      </div>
    </>
  );
}
