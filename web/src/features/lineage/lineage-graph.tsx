/**
 * Runs and versions from left to right: what something came from, and what came of it.
 *
 * It is moved by dragging and enlarged by the wheel; arrows go from node to node.
 */

import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Lineage } from "@/api/artifacts/artifacts";
import { type FoldedGraph, foldLineage, nodeTowards, SHOWN_ALIKE } from "@/data/lineage/fold";
import { formatCount, formatNoun } from "@/data/text/format";
import { type Frame, frameAround, startFrame } from "@/panels/media/graph/frame";
import type { LayoutAnswer, LayoutQuestion } from "@/panels/media/graph/layout-worker";
import { KEY_FACTOR, useFrame } from "@/panels/media/graph/use-frame";
import { useLaidOut } from "@/panels/media/graph/use-layout";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { NamesBeside } from "@/ui/text/mid-name";
import { FoldView, LineageNodeView, lineageName } from "./lineage-node";
import "./lineage.css";

const NODE = { width: 208, height: 44 };
const PAD_PX = 24;
const ORIGIN = { x: 0, y: 0 };
/** Smaller, names can't be read: then a part is shown, around the chosen node. */
const LEAST_SCALE = 0.75;
const MORE_ALIKE = 20;
const NODE_KINDS = ["run", "artifact"] as const;
const DEPTHS = [1, 2, 4, 10, 20, 100] as const;
export const FIRST_DEPTH = 10;

type Node = Lineage["nodes"][number];

interface LineageGraphProps {
  readonly lineage: Lineage;
  /** The id of the node that the graph is around. */
  readonly chosen: string | null;
  readonly depth: number;
  onDepth(depth: number): void;
}

interface Question extends LayoutQuestion {
  readonly folded: FoldedGraph<Node>;
}

export function LineageGraph({ lineage, chosen, depth, onDepth }: LineageGraphProps) {
  const [shown, setShown] = useState<Readonly<Record<string, number>>>({});
  const question = useMemo((): Question => {
    const folded = foldLineage(lineage, chosen, shown);
    return {
      folded,
      nodes: [...folded.nodes, ...folded.folds].map(({ id }) => ({ id, ...NODE })),
      edges: folded.edges.map(({ source, target }) => [source, target] as const),
      direction: "LR",
    };
  }, [lineage, chosen, shown]);
  const laidOut = useLaidOut(question);
  const tools = (
    <Select
      label="Depth"
      isLabelVisible
      isSmall
      value={String(depth)}
      options={DEPTHS.map((steps) => ({
        value: String(steps),
        label: steps === 100 ? "all" : formatNoun(steps, "step"),
      }))}
      onChange={(steps) => onDepth(Number(steps))}
    />
  );
  return (
    <section className="lineage" aria-label="Lineage">
      {laidOut ? (
        <Drawn
          folded={laidOut.question.folded}
          layout={laidOut.layout}
          chosen={chosen}
          tools={tools}
          onMore={(id) =>
            setShown((before) => ({ ...before, [id]: (before[id] ?? SHOWN_ALIKE) + MORE_ALIKE }))
          }
        />
      ) : (
        <p className="card-none" role="status">
          The graph is being laid out
        </p>
      )}
      {!lineage.is_complete && (
        <p className="lineage-more meta" role="status">
          {formatCount(lineage.nodes.length)} runs and versions are known here; there are more.
        </p>
      )}
    </section>
  );
}

interface DrawnProps {
  readonly folded: FoldedGraph<Node>;
  readonly layout: LayoutAnswer;
  readonly chosen: string | null;
  readonly tools: ReactNode;
  onMore(fold: string): void;
}

function Drawn({ folded, layout, chosen, tools, onMore }: DrawnProps) {
  const { nodes, folds, edges } = folded;
  const element = useRef<HTMLDivElement>(null);
  const positions = useMemo(
    () => [...nodes, ...folds].map(({ id }, nth) => ({ id, ...(layout.nodes[nth] ?? ORIGIN) })),
    [nodes, folds, layout],
  );
  const positionOf = (id: string) => positions.find((position) => position.id === id) ?? ORIGIN;
  const size = { width: layout.width + 2 * PAD_PX, height: layout.height + 2 * PAD_PX };
  const whole = (room: Size) => startFrame(size, room, 0);
  const start = (room: Size): Frame => {
    const all = whole(room);
    if (all.scale >= LEAST_SCALE || chosen === null) return startFrame(size, room, LEAST_SCALE);
    const { x, y } = positionOf(chosen);
    return frameAround(size, room, LEAST_SCALE, { x: x + PAD_PX, y: y + PAD_PX });
  };
  const { frame, hands, move, show, showAll, toStart, zoom } = useFrame(element, {
    isOn: true,
    start,
    whole,
  });
  const around = useRef(chosen);
  const anchor = useRef({ id: chosen, ...(chosen === null ? ORIGIN : positionOf(chosen)) });
  // another layout of the same graph: the chosen node stays where it is in the window
  useLayoutEffect(() => {
    const { id, x, y } = anchor.current;
    const next = chosen === null ? ORIGIN : positionOf(chosen);
    if (id === chosen && (x !== next.x || y !== next.y)) move(x - next.x, y - next.y);
    anchor.current = { id: chosen, ...next };
  });
  useEffect(() => {
    if (around.current !== chosen) toStart();
    around.current = chosen;
  }, [chosen, toStart]);
  const focusOn = (id: string) => {
    const nodeElement = element.current?.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`);
    nodeElement?.focus({ preventScroll: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const own = document.activeElement?.getAttribute("data-node");
    if (own && event.key.startsWith("Arrow")) {
      const next = nodeTowards(positions, own, event.key as Parameters<typeof nodeTowards>[2]);
      if (next !== null) focusOn(next);
      event.preventDefault();
      event.stopPropagation();
      return;
    }
    if (hands) hands.onKeyDown(event);
  };
  const styleOf = (id: string) => {
    const { x, y } = positionOf(id);
    return { left: x - NODE.width / 2 + PAD_PX, top: y - NODE.height / 2 + PAD_PX, ...NODE };
  };
  return (
    <>
      <div className="lineage-tools">
        {tools}
        <IconButton icon="minus" label="Smaller" isSmall onClick={() => zoom(1 / KEY_FACTOR)} />
        <IconButton icon="plus" label="Larger" isSmall onClick={() => zoom(KEY_FACTOR)} />
        <IconButton icon="full" label="Show all of it" isSmall onClick={showAll} />
      </div>
      <div
        className="lineage-room"
        ref={element}
        role="group"
        aria-label="Graph: arrow keys go from node to node or move it, + and - enlarge it, 0 shows all of it"
        {...hands}
        onKeyDown={onKeyDown}
        onFocus={(event) => {
          const id = event.target.getAttribute("data-node");
          const { x, y } = id === null ? ORIGIN : positionOf(id);
          if (id !== null) show({ x: x + PAD_PX, y: y + PAD_PX }, NODE.width / 2);
        }}
      >
        <div
          className="lineage-drawing"
          style={{ ...size, transform: `translate(${frame.x}px, ${frame.y}px) scale(${frame.scale})` }}
        >
          <svg {...size} aria-hidden="true">
            <defs>
              <marker
                id="lineage-tip"
                viewBox="0 0 8 8"
                refX="7"
                refY="4"
                markerWidth="7"
                markerHeight="7"
                orient="auto"
              >
                <path d="M0 1 7 4 0 7z" />
              </marker>
            </defs>
            <g transform={`translate(${PAD_PX} ${PAD_PX})`}>
              {layout.edges.map((points, nth) => {
                const { source = "", target = "" } = edges[nth] ?? {};
                return (
                  <path
                    key={`${source} ${target}`}
                    className="lineage-edge"
                    data-on={source === chosen || target === chosen || undefined}
                    d={wayOf(positionOf(source), positionOf(target), points)}
                    markerEnd="url(#lineage-tip)"
                  />
                );
              })}
            </g>
          </svg>
          {NODE_KINDS.map((kind) => {
            const ofKind = nodes.filter((node) => node.kind === kind);
            return (
              <NamesBeside key={kind} names={ofKind.map(lineageName)}>
                {ofKind.map((node) => (
                  <LineageNodeView
                    key={node.id}
                    node={node}
                    isChosen={node.id === chosen}
                    style={styleOf(node.id)}
                  />
                ))}
              </NamesBeside>
            );
          })}
          {folds.map((fold) => (
            <FoldView key={fold.id} fold={fold} style={styleOf(fold.id)} onMore={() => onMore(fold.id)} />
          ))}
        </div>
      </div>
    </>
  );
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** From the right side of a node to the left side of another; on a long way past the nodes between them. */
function wayOf(from: Point, to: Point, points: readonly Point[]): string {
  const start = { x: from.x + NODE.width / 2, y: from.y };
  const end = { x: to.x - NODE.width / 2, y: to.y };
  // the layout's first and last points are where the straight line leaves a node, maybe at its top
  const between = points.slice(1, -1).filter(({ x }) => x > start.x && x < end.x);
  const passed = between.length > 1 ? between : [];
  let { x, y } = start;
  let way = `M${x} ${y}`;
  for (const point of [...passed, end]) {
    const middle = (x + point.x) / 2;
    way += `C${middle} ${y} ${middle} ${point.y} ${point.x} ${point.y}`;
    ({ x, y } = point);
  }
  return way;
}
