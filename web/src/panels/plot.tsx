/**
 * A chart's place in React: makes it, hands it what to draw, and takes it away.
 */

import { useEffect, useEffectEvent, useRef } from "react";
import type { Range } from "@/charts/axis/scale";
import { LineChart } from "@/charts/line/line";
import type { LineSource, LineView } from "@/charts/line/line-build";
import { createSpark } from "@/charts/spark";
import { formatNoun } from "@/data/format";

interface PlotProps {
  readonly title: string;
  readonly sources: readonly LineSource[];
  readonly view: LineView;
  /** False where the values under the crosshair stand elsewhere. */
  readonly hasTip?: boolean;
  onZoom(range: Range | null): void;
}

export function Plot({ title, sources, view, hasTip = true, onZoom }: PlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const zoom = useEffectEvent(onZoom);
  useEffect(() => {
    if (!ref.current) return;
    const made = new LineChart(ref.current, {
      hasTip,
      onZoom: (range) => zoom(range),
      onResetZoom: () => zoom(null),
    });
    chart.current = made;
    return () => {
      made.destroy();
      chart.current = null;
    };
  }, [hasTip]);
  useEffect(() => chart.current?.set(title, sources, view), [title, sources, view]);
  const nPoints = sources.reduce((n, source) => n + source.columns.nPoints, 0);
  const label = `${title}: ${formatNoun(sources.length, "curve")} of ${formatNoun(nPoints, "point")}`;
  return <div className="plot" ref={ref} role="img" aria-label={label} />;
}

/** A small curve in a table row. */
export function SparkPlot({ y, color, isLive }: { y: Float64Array; color: number; isLive: boolean }) {
  const ref = useRef<HTMLSpanElement>(null);
  const spark = useRef<ReturnType<typeof createSpark> | null>(null);
  useEffect(() => {
    if (!ref.current) return;
    const made = createSpark(ref.current);
    spark.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => spark.current?.set(y, color, isLive), [y, color, isLive]);
  return <span className="spk" ref={ref} aria-hidden="true" />;
}
