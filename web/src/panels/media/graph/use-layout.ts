/**
 * Asks a worker where the nodes and edges of a graph are; null until they are known.
 */

import { useEffect, useMemo, useState } from "react";
import type { GraphNode, ModelGraph } from "@/data/media/graph";
import type { LayoutAnswer, LayoutQuestion } from "./layout-worker";

const LAYER = { width: 168, height: 38 };
const FUNCTION = { width: 56, height: 22 };

export function sizeOf(node: GraphNode) {
  return node.isFunction ? FUNCTION : LAYER;
}

export function useLayout(graph: ModelGraph): LayoutAnswer | null {
  const question = useMemo(
    (): LayoutQuestion => ({
      nodes: graph.nodes.map((node) => ({ id: node.id, ...sizeOf(node) })),
      edges: graph.edges,
      direction: "TB",
    }),
    [graph],
  );
  return useLaidOut(question);
}

/** As `useLayout`, of any nodes; the question is a new object only if it differs. */
export function useLaidOut(question: LayoutQuestion): LayoutAnswer | null {
  const [answer, setAnswer] = useState<LayoutAnswer | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => setAnswer(data);
    worker.postMessage(question);
    return () => worker.terminate();
  }, [question]);
  return answer;
}
