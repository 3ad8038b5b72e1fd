/** A chart's place in React: makes it, hands it what to draw, and takes it away. */

import { useEffect, useEffectEvent, useLayoutEffect, useRef } from "react";
import type { Range } from "@/charts/axis/scale";
import type { BuiltLine } from "@/charts/line/built-line";
import type { Curve, LineView } from "@/charts/line/curve";
import { LineChart } from "@/charts/line/line";
import type { BuiltChart } from "@/charts/line/line-build";
import { createSpark } from "@/charts/spark";
import { formatNoun } from "@/data/text/format";

interface PlotProps {
  readonly title: string;
  readonly sources: readonly Curve[];
  readonly view: LineView;
  /** The panel's id, where its tooltip can be pinned. */
  readonly panel?: string;
  /** False where the values under the crosshair stand elsewhere. */
  readonly hasTip?: boolean;
  /** A picture only: the pointer is another's. */
  readonly isStill?: boolean;
  onZoom(range: Range | null): void;
  /** The ranges of the chart's own data; null without a point. */
  onOwnRanges?(own: BuiltChart["own"]): void;
  /** The most curves in a cell of the density that is drawn; null: curves are. */
  onDensity?(most: number | null): void;
  /** A curve was chosen by keyboard; px of the chart's element. */
  onChoose?(curve: BuiltLine, px: number, py: number): void;
  /** Be given the chart, and null when it is gone. */
  onChart?(chart: LineChart | null): void;
}

export function Plot(props: PlotProps) {
  const { title, sources, view, panel = "", hasTip = true, isStill, onZoom, onOwnRanges, onDensity } = props;
  const { onChoose, onChart } = props;
  const ref = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const zoom = useEffectEvent(onZoom);
  const choose = useEffectEvent((curve: BuiltLine, px: number, py: number) => onChoose?.(curve, px, py));
  const tellOwn = useEffectEvent((own: BuiltChart["own"]) => onOwnRanges?.(own));
  const tellDensity = useEffectEvent((most: number | null) => onDensity?.(most));
  const tell = useEffectEvent((instance: LineChart | null) => onChart?.(instance));
  // with the label: a key or click that comes between them would be about what was drawn before
  useLayoutEffect(() => {
    if (!ref.current) return;
    const lineChart = new LineChart(ref.current, {
      panel,
      hasTip,
      onZoom: (range) => zoom(range),
      onResetZoom: () => zoom(null),
      onOwnRanges: (own) => tellOwn(own),
      onDensity: (most) => tellDensity(most),
      onChoose: (curve, px, py) => choose(curve, px, py),
    });
    chart.current = lineChart;
    tell(lineChart);
    return () => {
      lineChart.destroy();
      chart.current = null;
      tellOwn(null);
      tell(null);
    };
  }, [panel, hasTip]);
  useLayoutEffect(() => chart.current?.set(title, sources, view), [title, sources, view]);
  const nPoints = sources.reduce((n, source) => n + source.columns.nPoints, 0);
  const label = `${title}: ${formatNoun(sources.length, "curve")} of ${formatNoun(nPoints, "point")}`;
  if (isStill) return <div className="plot" ref={ref} aria-hidden="true" />;
  return (
    <div
      className="plot"
      ref={ref}
      role="application"
      aria-roledescription="chart"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: its keys move the crosshair
      tabIndex={0}
    />
  );
}

/** A small curve in a table row. */
export function SparkPlot({ y, color, isLive }: { y: Float64Array; color: number; isLive: boolean }) {
  const ref = useRef<HTMLSpanElement>(null);
  const spark = useRef<ReturnType<typeof createSpark> | null>(null);
  useEffect(() => {
    if (!ref.current) return;
    const instance = createSpark(ref.current);
    spark.current = instance;
    return () => instance.destroy();
  }, []);
  useEffect(() => spark.current?.set(y, color, isLive), [y, color, isLive]);
  return <span className="spk" ref={ref} aria-hidden="true" />;
}
