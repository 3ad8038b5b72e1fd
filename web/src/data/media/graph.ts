/**
 * The graph of a model as its file has it: layers in the order in which they ran, and which feed which. Pure.
 */

import { formatCount } from "../text/format";

export interface GraphNode {
  readonly id: string;
  readonly name: string;
  /** The kind of layer, such as `Linear`. */
  readonly type: string;
  /** The kind with its arguments, as the script logged it. */
  readonly details: string;
  /** The shape of its output; empty: it is not known. */
  readonly shape: string;
  /** null: it is not known. */
  readonly nParameters: number | null;
  /** It joins what comes from several layers, such as `add`, and is no layer. */
  readonly isFunction: boolean;
}

export interface ModelGraph {
  /** With the functions. */
  readonly nodes: readonly GraphNode[];
  readonly layers: readonly GraphNode[];
  /** Ids of nodes; each pair once, none from a node to itself. */
  readonly edges: readonly (readonly [string, string])[];
  readonly nParameters: number;
}

/** The largest graph that is drawn; the layout of a larger one takes tens of seconds. */
export const MOST_DRAWN = 1000;

type Fields = Readonly<Record<string, unknown>>;

/** Reads a file's JSON; null: it has no layers. */
export function readGraph(document: unknown): ModelGraph | null {
  const { nodes: listed, edges: pairs } = fieldsOf(document);
  if (!Array.isArray(listed)) return null;
  const nodes = listed.map(nodeOf);
  const layers = nodes.filter(({ isFunction }) => !isFunction);
  if (layers.length === 0) return null;
  const ids = new Set(nodes.map(({ id }) => id));
  const edges = new Map<string, readonly [string, string]>();
  for (const pair of Array.isArray(pairs) ? pairs : []) {
    const [from, to] = Array.isArray(pair) ? pair.map(String) : [];
    if (from !== undefined && to !== undefined && from !== to && ids.has(from) && ids.has(to))
      edges.set(JSON.stringify([from, to]), [from, to]);
  }
  const nParameters = layers.reduce((total, layer) => total + (layer.nParameters ?? 0), 0);
  return { nodes, layers, edges: [...edges.values()], nParameters };
}

/** Why it is not drawn, in words; null: it is. */
export function drawingFault({ nodes, edges }: ModelGraph): string | null {
  if (nodes.length > MOST_DRAWN) return `Graphs of more than ${formatCount(MOST_DRAWN)} nodes are not drawn.`;
  if (edges.length === 0 && nodes.length > 1) return "Which layers feed which is not known.";
  return null;
}

function nodeOf(document: unknown, index: number): GraphNode {
  const fields = fieldsOf(document);
  const details = textOf(fields.class_name);
  const id = String(fields.id ?? index);
  return {
    id,
    name: textOf(fields.name) || id,
    type: details.split("(", 1)[0] ?? "",
    details,
    shape: shapeText(fields.output_shape),
    nParameters: sizeOf(fields.num_parameters),
    isFunction: details === "function",
  };
}

/** `[5, 4]` as `5 × 4`; of several outputs one after the other. */
export function shapeText(shape: unknown): string {
  if (Array.isArray(shape)) {
    const isNested = shape.some((part) => typeof part === "object" && part !== null);
    const parts = shape.map((part) => (isNested ? shapeText(part) : String(part ?? "?")));
    return parts.filter((part) => part !== "").join(isNested ? ", " : " × ") || (isNested ? "" : "scalar");
  }
  return Object.entries(fieldsOf(shape))
    .map(([name, shape]) => `${name}: ${shapeText(shape)}`)
    .join(", ");
}

function sizeOf(size: unknown): number | null {
  const sizes = Array.isArray(size) ? size : [size];
  const isKnown = sizes.every((size) => typeof size === "number" && Number.isFinite(size));
  return isKnown ? sizes.reduce((total: number, size: number) => total + size, 0) : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
