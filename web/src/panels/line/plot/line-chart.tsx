/** The chart of a line panel with its legend. */

import { lazy, Suspense, useState } from "react";
import type { Curve } from "@/charts/line/curve";
import type { LineChart as Chart } from "@/charts/line/line";
import { isDensity } from "@/charts/line/line-build";
import type { Mark } from "@/data/view/panel";
import { panelNames } from "@/data/view/panel-names";
import type { PanelProps } from "../../panel-props";
import { Legend, LegendColumn } from "../../plot/legend";
import type { LineViewState } from "../curves/use-line-view";
import { useCurveMenu } from "../use-curve-menu";
import { LinePlot } from "./line-plot";

const DensityLegend = lazy(() => import("./density-legend"));

interface LineChartProps {
  readonly of: PanelProps;
  readonly shown: LineViewState;
  readonly curves: readonly Curve[];
  /** The curves in the order of the legend. */
  readonly legendCurves: readonly Curve[];
  /** Of the panel's content, px. */
  readonly width: number;
  /** The mark that the next click sets; null: none. */
  readonly placing: Mark["kind"] | null;
  onPlacing(kind: Mark["kind"] | null): void;
  onChart(chart: Chart | null): void;
  onFadedBands(hasFadedBands: boolean): void;
}

export function LineChart(props: LineChartProps) {
  const { of, shown, curves, legendCurves, width, placing, onPlacing, onChart, onFadedBands } = props;
  const { settings, isFull, hasLegend = true } = of;
  const [densestCount, setDensestCount] = useState<number | null>(null);
  const onMenu = useCurveMenu(of, curves);
  const isDense = isDensity(curves, shown.view);
  const legend = isFull || isDense || !(hasLegend || curves.length > 1) ? "off" : settings.legend;
  return (
    <>
      {isDense && (
        <Suspense fallback={<div className="legend" />}>
          {densestCount === null ? (
            <div className="legend" />
          ) : (
            <DensityLegend
              most={densestCount}
              nCurves={curves.length}
              nRuns={of.runs.length}
              nShown={of.nShown ?? of.nMatching ?? of.runs.length}
              width={width}
            />
          )}
        </Suspense>
      )}
      {legend === "above" && <Legend items={legendCurves} width={width} onMenu={onMenu} />}
      <div className="beside">
        <LinePlot
          of={of}
          title={panelNames(of.panel).whole}
          curves={curves}
          view={shown.view}
          axis={shown.axis}
          placing={placing}
          onPlacing={onPlacing}
          onChart={onChart}
          onOwnRanges={(ranges) => {
            shown.reportRanges(ranges);
            onFadedBands(ranges?.hasFadedBands ?? false);
          }}
          onDensity={setDensestCount}
          onMenu={onMenu}
        />
        {legend === "right" && <LegendColumn items={legendCurves} onMenu={onMenu} />}
      </div>
    </>
  );
}
