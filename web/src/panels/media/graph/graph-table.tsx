/** The layers of a graph in the order in which they ran, with their totals. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import type { ModelGraph } from "@/data/media/graph";
import { formatCount } from "@/data/text/format";

interface GraphTableProps {
  readonly graph: ModelGraph;
  readonly selected: string | null;
  onSelect(id: string): void;
}

const ROW_PX = 28;

export function GraphTable({ graph, selected, onSelect }: GraphTableProps) {
  const room = useRef<HTMLDivElement>(null);
  const { layers } = graph;
  const virtual = useVirtualizer({
    count: layers.length,
    getScrollElement: () => room.current,
    estimateSize: () => ROW_PX,
    overscan: 8,
  });
  const at = layers.findIndex(({ id }) => id === selected);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at);
  }, [at, virtual]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <div className="graph-table" ref={room} tabIndex={0} data-own-keys="">
      <div className="graph-row graph-heads">
        <span>Layer</span>
        <span>Type</span>
        <span className="tn">Parameters</span>
        <span>Output shape</span>
      </div>
      <div style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const layer = layers[index];
          if (!layer) return null;
          return (
            <button
              type="button"
              key={layer.id}
              className="graph-row"
              aria-pressed={layer.id === selected}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onSelect(layer.id)}
            >
              <span className="ell" title={layer.name}>
                {layer.name}
              </span>
              <span className="ell" title={layer.details}>
                {layer.type}
              </span>
              <span className="tn">{layer.nParameters === null ? "" : formatCount(layer.nParameters)}</span>
              <span className="ell" title={layer.shape}>
                {layer.shape}
              </span>
            </button>
          );
        })}
      </div>
    </div>
  );
}
