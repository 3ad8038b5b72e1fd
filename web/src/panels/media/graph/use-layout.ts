/**
 * Asks a worker where the nodes and edges of a graph are; null until they are known.
 */

import { useEffect, useState } from "react";
import type { GraphNode, ModelGraph } from "@/data/media/graph";
import type { LayoutAnswer, LayoutQuestion } from "./layout-worker";

const LAYER = { width: 168, height: 38 };
const FUNCTION = { width: 56, height: 22 };

export function sizeOf(node: GraphNode) {
  return node.isFunction ? FUNCTION : LAYER;
}

export function useLayout(graph: ModelGraph): LayoutAnswer | null {
  const [answer, setAnswer] = useState<LayoutAnswer | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => setAnswer(data);
    const nodes = graph.nodes.map((node) => ({ id: node.id, ...sizeOf(node) }));
    const question: LayoutQuestion = { nodes, edges: graph.edges };
    worker.postMessage(question);
    return () => worker.terminate();
  }, [graph]);
  return answer;
}
