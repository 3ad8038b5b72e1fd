/** Draws a Vega-Lite or Vega specification over the panel's tables, in the app's own look. */

import { useEffect, useRef, useState } from "react";
import embed, { type EmbedOptions, type Result, type VisualizationSpec } from "vega-embed";
import { onTokensChange, token } from "@/charts/tokens";
import { faultText } from "@/data/text/fault-text";
import { confined, isVega, withTables } from "./options";

/** By the names that a specification calls them by. */
export type Tables = Readonly<Record<string, readonly object[]>>;

interface VegaPlotProps {
  readonly label: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** Makes the rows, with colours of the present theme. The same while nothing changes. */
  tables(): Tables;
  onError(error: string | null): void;
}

export function VegaPlot({ label, spec, tables, onError }: VegaPlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [look, setLook] = useState(0);
  useEffect(() => onTokensChange(() => setLook((before) => before + 1)), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme is redrawn
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let embedded: Result | null = null;
    let isGone = false;
    const drawn = withTables(confined(spec), tables());
    embed(element, drawn as VisualizationSpec, {
      mode: isVega(spec) ? "vega" : "vega-lite",
      actions: false,
      renderer: "canvas",
      // expressions are read, never run as code: the page forbids that
      ast: true,
      tooltip: { theme: "custom" },
      config: lookOf(element.clientWidth, element.clientHeight),
      loader: NO_LOADER,
    })
      .then((result) => {
        if (isGone) result.finalize();
        else {
          embedded = result;
          onError(null);
        }
      })
      .catch((error: unknown) => {
        if (!isGone) onError(faultText(error));
      });
    const sizes = new ResizeObserver(() => embedded && resize(embedded, drawn, element));
    sizes.observe(element);
    return () => {
      isGone = true;
      sizes.disconnect();
      embedded?.finalize();
    };
  }, [spec, tables, look, onError]);
  // Vega names its element itself, after its own
  return (
    <div className="vega-box" role="img" aria-label={label}>
      <div className="vega" ref={ref} />
    </div>
  );
}

function refuse(uri: string): Promise<never> {
  return Promise.reject(new Error(`${uri} is not loaded: a panel draws the tables that it has`));
}

/** A specification from a link must not ask other hosts for data. */
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

/** Vega itself follows the size of the window only, not of its panel. */
function resize({ view }: Result, drawn: Readonly<Record<string, unknown>>, element: HTMLElement): void {
  const { clientWidth, clientHeight } = element;
  if (clientWidth === 0) return;
  // charts next to each other have a size each, and none for all
  const { signals } = view.getState({ signals: (name) => name === "width" || name === "height" });
  if (drawn.width === "container" && "width" in signals) view.signal("width", clientWidth);
  if (drawn.height === "container" && "height" in signals) view.signal("height", clientHeight);
  void view.runAsync();
}

/** Names are cut where they would leave too little of a chart's width or height. */
const LABEL_SHARE = 0.25;
const MOST_LABEL_PX = 160;
const MOST_ENTRIES = 24;

/** @param width of the chart, px, as `height` */
function lookOf(width: number, height: number): EmbedOptions["config"] {
  const labelLimit = Math.min(MOST_LABEL_PX, width * LABEL_SHARE);
  const muted = token("muted");
  const text = token("text-2");
  return {
    background: "transparent",
    font: token("font"),
    view: { stroke: null },
    axis: {
      gridColor: token("grid"),
      domainColor: token("axis"),
      tickColor: token("axis"),
      labelColor: muted,
      titleColor: text,
      labelFontSize: 10.5,
      titleFontSize: 11,
      titleFontWeight: 400,
      tickSize: 3,
      labelLimit,
      titleLimit: width,
    },
    // names below a chart are upright
    axisX: { grid: false, labelLimit: Math.min(labelLimit, height * LABEL_SHARE) },
    axisY: { domain: false, ticks: false },
    // of names that would be printed over one another some are left out, as of numbers
    axisDiscrete: { labelOverlap: "greedy" },
    legend: {
      labelColor: text,
      titleColor: muted,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
      labelLimit,
      titleLimit: labelLimit,
      symbolLimit: MOST_ENTRIES,
    },
    title: { limit: width, color: token("text"), fontSize: 12, fontWeight: 500 },
    point: { size: 64 },
    range: {
      category: Array.from({ length: 12 }, (_, i) => token(`run-${i + 1}`)),
      ramp: Array.from({ length: 6 }, (_, i) => token(`seq-${i + 1}`)),
      heatmap: Array.from({ length: 6 }, (_, i) => token(`seq-${i + 1}`)),
      diverging: [token("div-neg"), token("border"), token("div-pos")],
    },
    mark: { color: text },
    text: { color: text },
  };
}
