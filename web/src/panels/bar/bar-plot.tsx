/** Bars, boxes or violins of runs or groups, with a tooltip. */

import { useMemo, useState } from "react";
import { BarChart, chartHeightOf } from "@/charts/bar/bar";
import type { BarLook, BarRow } from "@/charts/bar/bar-layout";
import type { RunHover } from "@/charts/run-pointer";
import { formatNoun } from "@/data/text/format";
import { CanvasPlot } from "../over-runs/canvas-plot";
import { FactTip } from "../over-runs/tip/fact-tip";
import "../over-runs/over-runs.css";

const LOOK_WORDS = { bar: "bar", box: "box plot", violin: "violin" } as const;

interface BarPlotProps<Row extends BarRow> {
  readonly title: string;
  /** From the top; the same object while nothing changes. */
  readonly rows: readonly Row[];
  readonly look: BarLook;
  /** It scrolls to rows that have no room; else it says how many there are. */
  readonly isFull: boolean;
  /** Text of a row's tooltip. */
  factsOf(row: Row): readonly (readonly [label: string, value: string])[];
}

export function BarPlot<Row extends BarRow>({ title, rows, look, isFull, factsOf }: BarPlotProps<Row>) {
  const [hover, setHover] = useState<RunHover | null>(null);
  const content = useMemo(() => ({ rows, look }), [rows, look]);
  const hovered = hover ? rows.find((row) => row.id === hover.id) : undefined;
  const plot = (
    <CanvasPlot
      label={`${title}: ${formatNoun(rows.length, LOOK_WORDS[look])}`}
      content={content}
      make={(element) => new BarChart(element, setHover)}
    />
  );
  return (
    <>
      {isFull ? (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
        <div className="bars-scroll" tabIndex={0} role="group" aria-label="Bars">
          <div style={{ minHeight: chartHeightOf(rows.length) }}>{plot}</div>
        </div>
      ) : (
        plot
      )}
      {hover && hovered && (
        <FactTip
          name={hovered.name}
          color={hovered.color}
          facts={factsOf(hovered)}
          left={hover.left}
          top={hover.top}
        />
      )}
    </>
  );
}
