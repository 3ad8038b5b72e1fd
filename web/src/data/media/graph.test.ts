import { expect, test } from "vitest";
import { drawingFault, MOST_DRAWN, readGraph, shapeText } from "./graph";

const linear = { id: "a", name: "fc", class_name: "Linear(in_features=3)", output_shape: [5, 4] };

test("layers, functions and edges are read", () => {
  const graph = readGraph({
    nodes: [
      { ...linear, num_parameters: [12, 4] },
      { id: "b", class_name: "Dense", num_parameters: 10, output_shape: [null, 4] },
      { id: "c", class_name: "Dense" },
      { id: "f", name: "add", class_name: "function" },
    ],
    edges: [["a", "b"], ["a", "b"], ["a", "a"], ["b", "f"], ["b", "gone"], "no pair"],
  });
  expect(graph?.edges).toEqual([
    ["a", "b"],
    ["b", "f"],
  ]);
  expect(graph?.nParameters).toBe(26);
  expect(graph?.layers.map(({ name }) => name)).toEqual(["fc", "b", "c"]);
  expect(graph?.nodes[0]).toMatchObject({ type: "Linear", details: "Linear(in_features=3)", shape: "5 × 4" });
  expect(graph?.nodes.map(({ nParameters }) => nParameters)).toEqual([16, 10, null, null]);
  expect(graph?.nodes[3]?.isFunction).toBe(true);
});

test("a file without layers has no graph", () => {
  for (const document of [null, [], {}, { nodes: 3 }, { nodes: [] }]) expect(readGraph(document)).toBeNull();
});

test("graphs that are too large or have no edges are not drawn", () => {
  const nodes = Array.from({ length: MOST_DRAWN + 1 }, (_, id) => ({ id }));
  const faultOf = (document: unknown) => {
    const graph = readGraph(document);
    return graph && drawingFault(graph);
  };
  expect(faultOf({ nodes, edges: [[0, 1]] })).toBe("Graphs of more than 1,000 nodes are not drawn.");
  expect(faultOf({ nodes: nodes.slice(0, 2) })).toBe("Which layers feed which is not known.");
  expect(faultOf({ nodes: nodes.slice(0, 2), edges: [[0, 1]] })).toBeNull();
});

test.each([
  [[5, 4], "5 × 4"],
  [[null, 4], "? × 4"],
  [["multiple"], "multiple"],
  [[], "scalar"],
  [[[2, 3], null], "2 × 3"],
  [{ y: [2], z: [[1], [2]] }, "y: 2, z: 1, 2"],
  [undefined, ""],
])("the shape %j is %s", (shape, text) => {
  expect(shapeText(shape)).toBe(text);
});
