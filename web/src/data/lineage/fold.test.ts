import { describe, expect, it } from "vitest";
import { foldLineage, type GraphEdge, type GraphNode, nodeTowards } from "./fold";

const run = (n: number): GraphNode => ({ id: `run-${n}`, kind: "run", name: `r${n}` });
const version = (n: number, name: string): GraphNode => ({ id: `artifact-${n}`, kind: "artifact", name });
const edge = (source: GraphNode, target: GraphNode): GraphEdge => ({ source: source.id, target: target.id });

const data = version(1, "data");
const runs = Array.from({ length: 12 }, (_, n) => run(n + 1));
const models = runs.map((_, n) => version(n + 10, "model"));
const graph = {
  nodes: [data, ...runs, ...models],
  edges: runs.flatMap((node, n) => [edge(data, node), edge(node, models[n]!)]),
};
const ids = (nodes: readonly { id: string }[]) => nodes.map(({ id }) => id);

describe("foldLineage", () => {
  it("draws the newest of many runs, with what came of them", () => {
    const { nodes, folds, edges } = foldLineage(graph, data.id, {});
    expect(ids(nodes)).toEqual([data.id, ...ids(runs.slice(8)), ...ids(models.slice(8))]);
    expect(folds).toEqual([{ id: "after artifact-1 run ", kind: "run", name: "", nHidden: 8 }]);
    expect(edges).toHaveLength(9);
    expect(edges).toContainEqual({ source: data.id, target: "after artifact-1 run " });
  });

  it("draws more on demand, and all instead of a fold of one", () => {
    expect(foldLineage(graph, data.id, { "after artifact-1 run ": 10 }).folds[0]?.nHidden).toBe(2);
    expect(foldLineage(graph, data.id, { "after artifact-1 run ": 11 }).folds).toEqual([]);
  });

  it("is around any node: the others of its kind are not on its way", () => {
    const { nodes, folds } = foldLineage(graph, models[0]!.id, {});
    expect(ids(nodes)).toEqual([data.id, runs[0]!.id, models[0]!.id]);
    expect(folds).toEqual([]);
  });

  it("folds versions of one collection, and not those of others", () => {
    const many = Array.from({ length: 9 }, (_, n) => version(n + 50, n < 8 ? "checkpoint" : "report"));
    const fanOut = { nodes: [run(1), ...many], edges: many.map((node) => edge(run(1), node)) };
    const { folds, nodes } = foldLineage(fanOut, "run-1", {});
    expect(folds.map(({ name, nHidden }) => [name, nHidden])).toEqual([["checkpoint", 4]]);
    expect(nodes).toHaveLength(6);
  });

  it("does not count what is drawn for another reason", () => {
    const report = version(99, "report");
    const end = run(99);
    const extended = {
      nodes: [...graph.nodes, report, end],
      edges: [...graph.edges, edge(data, end), edge(models[0]!, end), edge(end, report)],
    };
    // from the report back: the model came from a run that is one of many next to the data
    const { nodes, folds } = foldLineage(extended, report.id, {});
    expect(ids(nodes)).toContain("run-1");
    expect(folds).toEqual([]);
  });

  it("has an empty graph of no nodes", () => {
    expect(foldLineage({ nodes: [], edges: [] }, null, {})).toEqual({ nodes: [], folds: [], edges: [] });
  });
});

describe("nodeTowards", () => {
  const positions = [
    { id: "a", x: 0, y: 0 },
    { id: "b", x: 200, y: 10 },
    { id: "c", x: 200, y: 90 },
    { id: "d", x: 400, y: 0 },
  ];

  it.each([
    ["a", "ArrowRight", "b"],
    ["b", "ArrowDown", "c"],
    ["c", "ArrowUp", "b"],
    ["d", "ArrowLeft", "b"],
    ["a", "ArrowLeft", null],
    ["none", "ArrowLeft", null],
  ] as const)("from %s by %s is %s", (from, way, to) => {
    expect(nodeTowards(positions, from, way)).toBe(to);
  });
});
