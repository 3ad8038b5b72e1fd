/**
 * Lays a graph out in a worker: with 300 layers it takes up to a second.
 */

import { graphlib, layout } from "@dagrejs/dagre";

export interface LayoutQuestion {
  readonly nodes: readonly { readonly id: string; readonly width: number; readonly height: number }[];
  readonly edges: readonly (readonly [string, string])[];
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

self.onmessage = ({ data: { nodes, edges } }: MessageEvent<LayoutQuestion>) => {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: "TB", nodesep: GAP_PX, edgesep: GAP_PX / 2, ranksep: GAP_PX });
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
