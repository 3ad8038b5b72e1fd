/** The graphs of the models of a run, one at a time: the drawing, and the table of its layers. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { MediaItem } from "@/api/files/media";
import { drawingFault } from "@/data/media/graph";
import { GraphDrawing } from "@/panels/media/graph/graph-drawing";
import { graphQuery, totalsOf } from "@/panels/media/graph/graph-query";
import { GraphTable } from "@/panels/media/graph/graph-table";
import { ContentFault } from "@/panels/media/kinds/content-fault";
import { Select } from "@/ui/controls/select";
import { SkeletonRows } from "@/ui/signs/skeleton";
import "@/panels/media/media.css";
import "@/panels/media/graph/graph.css";

interface ModelGraphsProps {
  /** At least one. */
  readonly items: readonly MediaItem[];
  /** The name of a layer. */
  readonly selected: string | null;
  onSelect(layer: string): void;
}

export function ModelGraphs({ items, selected, onSelect }: ModelGraphsProps) {
  const [nth, setNth] = useState(0);
  const item = items[nth] ?? items[0]!;
  const { data: graph, error, isPending } = useQuery(graphQuery(item.file));
  const problem = error?.message ?? (graph === null ? "The graph has no layers" : null);
  return (
    <div className="model-graph">
      <div className="part-head">
        {items.length > 1 && (
          <Select
            label="Model"
            value={String(nth)}
            options={items.map((_, i) => ({ value: String(i), label: `Model ${i + 1}` }))}
            onChange={(value) => setNth(Number(value))}
          />
        )}
        <h2>{graph ? totalsOf(graph) : "Model"}</h2>
      </div>
      {problem ? (
        <ContentFault item={item} reason={problem} />
      ) : isPending || !graph ? (
        <SkeletonRows n={12} height={28} />
      ) : (
        <Graph graph={graph} selected={selected} onSelect={onSelect} />
      )}
    </div>
  );
}

interface GraphProps {
  readonly graph: Parameters<typeof drawingFault>[0];
  readonly selected: string | null;
  onSelect(layer: string): void;
}

function Graph({ graph, selected, onSelect }: GraphProps) {
  const fault = drawingFault(graph);
  const id = graph.nodes.find(({ name }) => name === selected)?.id ?? null;
  const select = (chosen: string) => {
    const node = graph.nodes.find((candidate) => candidate.id === chosen);
    if (node && !node.isFunction) onSelect(node.name);
  };
  return (
    <div className="graph" data-large>
      {fault && <p className="graph-totals">{fault}</p>}
      <div className="graph-body">
        <GraphTable graph={graph} selected={id} onSelect={select} />
        {!fault && (
          <GraphDrawing graph={graph} name={totalsOf(graph)} isLarge selected={id} onSelect={select} />
        )}
      </div>
    </div>
  );
}
