/** Lays a graph out in a worker: with 300 layers it takes up to a second. */

import { graphlib, layout } from "@dagrejs/dagre";

export interface LayoutQuestion {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly (readonly [string, string])[];
  /** Down, or to the right. */
  readonly direction: "TB" | "LR";
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface LayoutAnswer {
  readonly width: number;
  readonly height: number;
  /** Centers of the nodes, in their order. */
  readonly nodes: readonly Point[];
  /** Way of each edge, in their order. */
  readonly edges: readonly (readonly Point[])[];
}

const GAP_PX = 28;
/** Edges that bend from side to side need room. */
const WIDE_GAP_PX = 56;

self.onmessage = ({ data: { nodes, edges, direction } }: MessageEvent<LayoutQuestion>) => {
  const graph = new graphlib.Graph();
  const ranksep = direction === "TB" ? GAP_PX : WIDE_GAP_PX;
  graph.setGraph({ rankdir: direction, nodesep: GAP_PX, edgesep: GAP_PX / 2, ranksep });
  for (const { id, width, height } of nodes) graph.setNode(id, { width, height });
  for (const [from, to] of edges) graph.setEdge(from, to, {});
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const answer: LayoutAnswer = {
    width,
    height,
    nodes: nodes.map(({ id }) => pointOf(graph.node(id) as Point)),
    edges: edges.map(([from, to]) => (graph.edge(from, to) as { points: Point[] }).points.map(pointOf)),
  };
  self.postMessage(answer);
};

function pointOf({ x, y }: Point): Point {
  return { x, y };
}
