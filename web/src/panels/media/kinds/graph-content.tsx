/** The graph of a model: a drawing in its cell, and in full size its table of layers next to it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { drawingFault } from "@/data/media/graph";
import { GraphDrawing } from "../graph/graph-drawing";
import { graphQuery, totalsOf } from "../graph/graph-query";
import { GraphTable } from "../graph/graph-table";
import { nameOf } from "../grid/media-groups";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";
import "../graph/graph.css";

export default function GraphContent({ item, isLarge = false }: ContentProps) {
  const { data: graph, error } = useQuery(graphQuery(item.file));
  const [selected, setSelected] = useState<string | null>(null);
  const problem = error?.message ?? (graph === null ? "The graph has no layers" : null);
  if (problem) return <ContentFault item={item} reason={problem} />;
  if (!graph) return null;
  const fault = drawingFault(graph);
  const selection = { graph, selected, onSelect: setSelected };
  return (
    <div className="media-fill graph" data-large={isLarge || undefined}>
      <p className="graph-totals">
        <span>{totalsOf(graph)}</span>
        {fault && <span>{fault}</span>}
      </p>
      <div className="graph-body">
        {(isLarge || fault) && <GraphTable {...selection} />}
        {!fault && (
          <GraphDrawing {...selection} name={`${nameOf(item)}, ${totalsOf(graph)}`} isLarge={isLarge} />
        )}
      </div>
    </div>
  );
}
