/** The drawn runs and versions of a lineage: of many alike next to one node only the newest. Pure. */

export interface GraphNode {
  readonly id: string;
  readonly kind: "run" | "artifact";
  /** Of a version: of its collection. */
  readonly name: string;
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
}

/** Stands for nodes that are not drawn. */
export interface Fold {
  readonly id: string;
  readonly kind: "run" | "artifact";
  /** Of versions: of their collection. */
  readonly name: string;
  readonly nHidden: number;
}

export interface FoldedGraph<Node> {
  readonly nodes: readonly Node[];
  readonly folds: readonly Fold[];
  /** Between nodes, and between a node and a fold. */
  readonly edges: readonly GraphEdge[];
}

/** So many alike are drawn at first. */
export const SHOWN_ALIKE = 4;

interface Group<Node> {
  readonly fold: Omit<Fold, "nHidden">;
  readonly at: string;
  readonly isUpstream: boolean;
  readonly hidden: readonly Node[];
}

/**
 * From a node outwards; what only nodes that are not drawn lead to is not drawn either.
 *
 * @param chosen the node that the graph is around; null: the first
 * @param shown by the id of a fold how many of its kind are drawn, where that is not `SHOWN_ALIKE`
 */
export function foldLineage<Node extends GraphNode>(
  graph: { readonly nodes: readonly Node[]; readonly edges: readonly GraphEdge[] },
  chosen: string | null,
  shown: Readonly<Record<string, number>>,
): FoldedGraph<Node> {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  const before = neighbours(graph.edges, "target", "source");
  const after = neighbours(graph.edges, "source", "target");
  const start = byId.get(chosen ?? "") ?? graph.nodes[0];
  if (!start) return { nodes: [], folds: [], edges: [] };
  const drawn = new Set([start.id]);
  const groups: Group<Node>[] = [];
  const walk = (isUpstream: boolean) => {
    const next = isUpstream ? before : after;
    const queue = [start.id];
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      const others = (next.get(at) ?? []).flatMap((id) => byId.get(id) ?? []);
      for (const [key, alike] of alikes(others)) {
        const fold = { ...key, id: `${isUpstream ? "before" : "after"} ${at} ${key.kind} ${key.name}` };
        const most = shown[fold.id] ?? SHOWN_ALIKE;
        // a fold of a single node would take as much room as that
        const visible = alike.length <= most + 1 ? alike : alike.slice(0, most);
        const hidden = alike.slice(visible.length);
        if (hidden.length > 0) groups.push({ fold, at, isUpstream, hidden });
        for (const { id } of visible) {
          if (drawn.has(id)) continue;
          drawn.add(id);
          queue.push(id);
        }
      }
    }
  };
  walk(true);
  walk(false);
  const folds: Fold[] = [];
  const edges = graph.edges.filter(({ source, target }) => drawn.has(source) && drawn.has(target));
  for (const { fold, at, isUpstream, hidden } of groups) {
    const nHidden = hidden.filter(({ id }) => !drawn.has(id)).length;
    if (nHidden === 0) continue;
    folds.push({ ...fold, nHidden });
    edges.push(isUpstream ? { source: fold.id, target: at } : { source: at, target: fold.id });
  }
  return { nodes: graph.nodes.filter(({ id }) => drawn.has(id)), folds, edges };
}

function neighbours(
  edges: readonly GraphEdge[],
  from: "source" | "target",
  to: "source" | "target",
): ReadonlyMap<string, readonly string[]> {
  const neighbours = new Map<string, string[]>();
  for (const edge of edges) {
    const listed = neighbours.get(edge[from]);
    if (listed) listed.push(edge[to]);
    else neighbours.set(edge[from], [edge[to]]);
  }
  return neighbours;
}

/** Runs, and the versions of each collection; the newest first. */
function alikes<Node extends GraphNode>(
  nodes: readonly Node[],
): (readonly [Pick<Fold, "kind" | "name">, readonly Node[]])[] {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const key = node.kind === "run" ? "" : node.name;
    const group = groups.get(`${node.kind} ${key}`);
    if (group) group.push(node);
    else groups.set(`${node.kind} ${key}`, [node]);
  }
  return [...groups.values()].map((alike) => {
    const { kind, name } = alike[0]!;
    const newest = alike.toSorted((a, b) => rowOf(b.id) - rowOf(a.id));
    return [{ kind, name: kind === "run" ? "" : name }, newest] as const;
  });
}

/** The server numbers runs and versions as they come: `run-12`. */
function rowOf(id: string): number {
  return Number(id.slice(id.lastIndexOf("-") + 1)) || 0;
}

interface NodePosition {
  readonly id: string;
  readonly x: number;
  readonly y: number;
}

type Way = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

/** The node that a person means who goes from one in a direction; null: there is none. */
export function nodeTowards(positions: readonly NodePosition[], from: string, way: Way): string | null {
  const at = positions.find(({ id }) => id === from);
  if (!at) return null;
  const isAcross = way === "ArrowLeft" || way === "ArrowRight";
  const sign = way === "ArrowRight" || way === "ArrowDown" ? 1 : -1;
  let best: { id: string; cost: number } | null = null;
  for (const position of positions) {
    const [dx, dy] = [position.x - at.x, position.y - at.y];
    const along = sign * (isAcross ? dx : dy);
    const aside = Math.abs(isAcross ? dy : dx);
    if (position.id === from || along <= 0 || aside > 4 * along) continue;
    // straight on comes before near but askew
    const cost = along + 2 * aside;
    if (!best || cost < best.cost) best = { id: position.id, cost };
  }
  return best?.id ?? null;
}
