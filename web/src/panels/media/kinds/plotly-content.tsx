/** A figure of Plotly, in the look of the app. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/files/media";
import { onTokensChange, token } from "@/charts/tokens";
import {
  type Figure,
  figureFault,
  lookOf,
  partsOf,
  readFigure,
  type TracePart,
} from "@/data/media/plots/figure";
import { nameOf } from "../grid/media-groups";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";

const TRACES: Readonly<Record<TracePart, () => Promise<{ readonly default: readonly PlotlyModule[] }>>> = {
  cartesian: () => import("./plotly/cartesian"),
  gl3d: () => import("./plotly/gl3d"),
  others: () => import("./plotly/others"),
};

/** Load Plotly with the traces of a figure. */
async function loadPlotly(figure: Figure): Promise<Plotly> {
  const [{ default: plotly }, ...parts] = await Promise.all([
    import("./plotly/core"),
    ...partsOf(figure).map((part) => TRACES[part]()),
  ]);
  for (const { default: traces } of parts) plotly.register(traces);
  return plotly;
}

function figureQuery(file: MediaFile) {
  return contentQuery(file, "figure", async (answer) => readFigure(await answer.json()));
}

export default function PlotlyContent({ item, isLarge = false }: ContentProps) {
  const { data: figure, error } = useQuery(figureQuery(item.file));
  const element = useRef<HTMLDivElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    const room = element.current;
    if (!room || !figure || figureFault(figure)) return;
    let end = () => {};
    let isGone = false;
    const tell = (problem: unknown) => setFault(problem instanceof Error ? problem.message : String(problem));
    loadPlotly(figure).then((plotly) => {
      if (isGone) return;
      const draw = () => {
        const look = { text: token("text-2"), grid: token("grid"), axis: token("axis"), font: token("font") };
        // Plotly writes into what it is given
        const own = structuredClone({ data: figure.data, layout: lookOf(figure, look, isLarge) });
        plotly
          .react(room, own.data, own.layout, { displayModeBar: isLarge, displaylogo: false })
          .then(() => setFault(null), tell);
      };
      draw();
      const forget = onTokensChange(draw);
      const sizes = new ResizeObserver(() => room.clientWidth > 0 && plotly.Plots.resize(room));
      sizes.observe(room);
      end = () => {
        sizes.disconnect();
        forget();
        plotly.purge(room);
      };
    }, tell);
    return () => {
      isGone = true;
      end();
    };
  }, [figure, isLarge]);
  const problem =
    error?.message ??
    (figure === null ? "The file has no traces" : null) ??
    (figure ? figureFault(figure) : null) ??
    fault;
  if (problem) return <ContentFault item={item} reason={problem} />;
  return <div className="media-fill media-figure" ref={element} role="img" aria-label={nameOf(item)} />;
}
