/**
 * Draws a Vega-Lite or Vega specification over the panel's tables, in the app's own look.
 */

import { useEffect, useRef, useState } from "react";
import embed, { type EmbedOptions, type Result, type VisualizationSpec } from "vega-embed";
import { onTokensChange, token } from "@/charts/tokens";
import { confined, isVega, withTables } from "./options";

export type Tables = Readonly<Record<"runs" | "history", readonly object[]>>;

interface VegaPlotProps {
  readonly label: string;
  readonly spec: Readonly<Record<string, unknown>>;
  /** The same while nothing changes. */
  readonly tables: Tables;
  onError(error: string | null): void;
}

export function VegaPlot({ label, spec, tables, onError }: VegaPlotProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [look, setLook] = useState(0);
  useEffect(() => onTokensChange(() => setLook((before) => before + 1)), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another theme is drawn anew
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    let made: Result | null = null;
    let isGone = false;
    embed(element, withTables(confined(spec), tables) as VisualizationSpec, {
      mode: isVega(spec) ? "vega" : "vega-lite",
      actions: false,
      renderer: "canvas",
      // expressions are read, never run as code: the page forbids that
      ast: true,
      tooltip: { theme: "custom" },
      config: lookOf(),
      loader: NO_LOADER,
    })
      .then((result) => {
        if (isGone) result.finalize();
        else {
          made = result;
          onError(null);
        }
      })
      .catch((error: unknown) => {
        if (!isGone) onError(error instanceof Error ? error.message : String(error));
      });
    return () => {
      isGone = true;
      made?.finalize();
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
  return Promise.reject(new Error(`${uri} is not loaded: a panel draws the tables runs and history`));
}

/** What a link brings must not ask other places for data. */
const NO_LOADER = { load: refuse, sanitize: refuse, http: refuse, file: refuse };

function lookOf(): EmbedOptions["config"] {
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
    },
    axisX: { grid: false },
    axisY: { domain: false, ticks: false },
    legend: {
      labelColor: text,
      titleColor: muted,
      labelFontSize: 11,
      titleFontSize: 11,
      titleFontWeight: 400,
    },
    title: { color: token("text"), fontSize: 12, fontWeight: 500 },
    point: { size: 64 },
    range: {
      category: Array.from({ length: 12 }, (_, i) => token(`run-${i + 1}`)),
      ramp: Array.from({ length: 6 }, (_, i) => token(`seq-${i + 1}`)),
      heatmap: Array.from({ length: 6 }, (_, i) => token(`seq-${i + 1}`)),
      diverging: [token("div-neg"), token("border"), token("div-pos")],
    },
    mark: { color: text },
  };
}
