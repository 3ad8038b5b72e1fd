/** A canvas chart's place in React: makes it, hands it what to draw, and takes it away. */

import { useEffectEvent, useLayoutEffect, useRef } from "react";

interface CanvasChart<Content> {
  set(content: Content): void;
  destroy(): void;
}

interface CanvasPlotProps<Content> {
  /** Says in words what is drawn. */
  readonly label: string;
  /** The same object while nothing changes. */
  readonly content: Content;
  /** Handler of its keys, where it has one: it then takes the focus. */
  readonly keys?: string;
  make(element: HTMLElement): CanvasChart<Content>;
}

export function CanvasPlot<Content>({ label, content, keys, make }: CanvasPlotProps<Content>) {
  const ref = useRef<HTMLDivElement>(null);
  const chart = useRef<CanvasChart<Content> | null>(null);
  const makeChart = useEffectEvent(make);
  // with the label: a key that is pressed between them would be about what was drawn before
  useLayoutEffect(() => {
    if (!ref.current) return;
    const canvasChart = makeChart(ref.current);
    chart.current = canvasChart;
    return () => {
      canvasChart.destroy();
      chart.current = null;
    };
  }, []);
  useLayoutEffect(() => chart.current?.set(content), [content]);
  if (keys === undefined) return <div className="plot still" ref={ref} role="img" aria-label={label} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: an application has keys of its own
    <div className="plot still" ref={ref} role="application" tabIndex={0} aria-label={`${label}. ${keys}`} />
  );
}
