/**
 * A figure of Plotly, in the look of the app.
 */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/files/media";
import { onTokensChange, token } from "@/charts/tokens";
import { type Bundle, bundleOf, figureFault, lookOf, readFigure } from "@/data/media/plots/figure";
import { nameOf } from "../grid/media-groups";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";

const BUNDLES: Readonly<Record<Bundle, () => Promise<{ readonly default: Plotly }>>> = {
  cartesian: () => import("plotly.js-cartesian-dist-min"),
  gl3d: () => import("plotly.js-gl3d-dist-min"),
  // all of Plotly, but for functions made of texts, which the policy of the page forbids
  all: () => import("plotly.js-strict-dist-min"),
};

function figureQuery(file: MediaFile) {
  return contentQuery(file, "figure", async (answer) => readFigure(await answer.json()));
}

export default function PlotlyContent({ item, isLarge = false }: ContentProps) {
  const { data: figure, error } = useQuery(figureQuery(item.file));
  const element = useRef<HTMLDivElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  const bundle = useMemo(() => (figure ? bundleOf(figure) : null), [figure]);
  useEffect(() => {
    const room = element.current;
    if (!room || !figure || !bundle) return;
    let end = () => {};
    let isGone = false;
    const tell = (problem: unknown) => setFault(problem instanceof Error ? problem.message : String(problem));
    BUNDLES[bundle]().then(({ default: plotly }) => {
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
  }, [figure, bundle, isLarge]);
  const problem =
    error?.message ??
    (figure === null ? "The file has no traces" : null) ??
    (figure ? figureFault(figure) : null) ??
    fault;
  if (problem) return <ContentFault item={item} reason={problem} />;
  return <div className="media-fill media-figure" ref={element} role="img" aria-label={nameOf(item)} />;
}
