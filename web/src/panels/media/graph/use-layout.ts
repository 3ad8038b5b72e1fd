/** Asks a worker where the nodes and edges of a graph are; null until they are known. */

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
  return useLaidOut(question)?.layout ?? null;
}

/**
 * As `useLayout`, of any nodes; the question is a new object only if it differs. What was asked before, with its
 * answer, until the next one has come.
 */
export function useLaidOut<Question extends LayoutQuestion>(
  question: Question,
): { readonly question: Question; readonly layout: LayoutAnswer } | null {
  const [laidOut, setLaidOut] = useState<{ question: Question; layout: LayoutAnswer } | null>(null);
  useEffect(() => {
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => setLaidOut({ question, layout: data });
    const { nodes, edges, direction } = question;
    worker.postMessage({ nodes, edges, direction });
    return () => worker.terminate();
  }, [question]);
  return laidOut;
}
