/**
 * A figure of Plotly, in the look of the app.
 */

import { useQuery } from "@tanstack/react-query";
import Plotly from "plotly.js-cartesian-dist-min";
import { useEffect, useMemo, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/media";
import { onTokensChange, token } from "@/charts/tokens";
import { lookOf, readFigure, unknownTypes } from "@/data/media/figure";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";
import { nameOf } from "./media-groups";

function figureQuery(file: MediaFile) {
  return contentQuery(file, "figure", async (answer) => readFigure(await answer.json()));
}

export function FigureContent({ item, isLarge = false }: ContentProps) {
  const { data: figure, error } = useQuery(figureQuery(item.file));
  const element = useRef<HTMLDivElement>(null);
  const [fault, setFault] = useState<string | null>(null);
  const unknown = useMemo(() => (figure ? unknownTypes(figure) : []), [figure]);
  const isDrawn = figure != null && unknown.length === 0;
  useEffect(() => {
    const room = element.current;
    if (!room || !figure || !isDrawn) return;
    const draw = () => {
      const look = { text: token("text-2"), grid: token("grid"), axis: token("axis"), font: token("font") };
      // Plotly writes into what it is given
      const own = structuredClone({ data: figure.data, layout: lookOf(figure, look, isLarge) });
      Plotly.react(room, own.data, own.layout, { displayModeBar: isLarge, displaylogo: false }).then(
        () => setFault(null),
        (problem: unknown) => setFault(problem instanceof Error ? problem.message : String(problem)),
      );
    };
    draw();
    const forget = onTokensChange(draw);
    const sizes = new ResizeObserver(() => room.clientWidth > 0 && Plotly.Plots.resize(room));
    sizes.observe(room);
    return () => {
      sizes.disconnect();
      forget();
      Plotly.purge(room);
    };
  }, [figure, isDrawn, isLarge]);
  const problem =
    error?.message ??
    (figure === null ? "the file has no traces" : null) ??
    (unknown.length > 0 ? `Traces of type ${unknown.join(", ")} can't be drawn here` : null) ??
    fault;
  if (problem) return <ContentFault item={item} reason={problem} />;
  return <div className="media-fill media-figure" ref={element} role="img" aria-label={nameOf(item)} />;
}
