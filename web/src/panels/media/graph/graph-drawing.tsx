/**
 * A graph, drawn from top to bottom. In full size it is moved by dragging and by keys, and enlarged by the wheel.
 */

import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ModelGraph } from "@/data/media/graph";
import { useStable } from "@/ui/hooks/use-stable";
import { type Frame, startFrame, zoomed } from "./frame";
import type { LayoutAnswer } from "./layout-worker";
import { sizeOf, useLayout } from "./use-layout";

interface GraphDrawingProps {
  readonly graph: ModelGraph;
  readonly name: string;
  readonly isLarge: boolean;
  readonly selected: string | null;
  onSelect(id: string): void;
}

const LEAST_SCALE = { small: 0.6, large: 0.7 };
const KEY_PX = 60;
const KEY_FACTOR = 1.25;
const WHEEL_RATE = 0.0015;
const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [KEY_PX, 0],
  ArrowRight: [-KEY_PX, 0],
  ArrowUp: [0, KEY_PX],
  ArrowDown: [0, -KEY_PX],
};

export function GraphDrawing(props: GraphDrawingProps) {
  const layout = useLayout(props.graph);
  if (!layout)
    return (
      <div className="media-say graph-drawing" role="status">
        The graph is being laid out
      </div>
    );
  return <Drawing {...props} layout={layout} />;
}

function Drawing(props: GraphDrawingProps & { readonly layout: LayoutAnswer }) {
  const { graph, name, isLarge, selected, onSelect, layout } = props;
  const element = useRef<SVGSVGElement>(null);
  const dragged = useRef<{ x: number; y: number; isMoved: boolean } | null>(null);
  const [frame, setFrame] = useState<Frame>({ scale: 1, x: 0, y: 0 });
  const roomOf = () => {
    const { width = 0, height = 0 } = element.current?.getBoundingClientRect() ?? {};
    return { width, height };
  };
  const toStart = useStable(() =>
    setFrame(startFrame(layout, roomOf(), isLarge ? LEAST_SCALE.large : LEAST_SCALE.small)),
  );
  useLayoutEffect(() => {
    if (!element.current) return;
    const sizes = new ResizeObserver(toStart);
    sizes.observe(element.current);
    return () => sizes.disconnect();
  }, [toStart]);
  useEffect(() => {
    const svg = element.current;
    if (!svg || !isLarge) return;
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = svg.getBoundingClientRect();
      const at = { x: event.clientX - left, y: event.clientY - top };
      setFrame((before) => zoomed(before, Math.exp(-event.deltaY * WHEEL_RATE), at));
    };
    svg.addEventListener("wheel", onWheel, { passive: false });
    return () => svg.removeEventListener("wheel", onWheel);
  }, [isLarge]);
  const toSelected = useStable(() => {
    const at = layout.nodes[graph.nodes.findIndex(({ id }) => id === selected)];
    const { width, height } = roomOf();
    if (!at || !isLarge) return;
    setFrame((before) => {
      const [x, y] = [before.x + at.x * before.scale, before.y + at.y * before.scale];
      const isSeen = x > 0 && x < width && y > 0 && y < height;
      return isSeen
        ? before
        : { ...before, x: width / 2 - at.x * before.scale, y: height / 2 - at.y * before.scale };
    });
  });
  useEffect(() => {
    if (selected !== null) toSelected();
  }, [selected, toSelected]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = MOVES[event.key];
    const { width, height } = roomOf();
    const middle = { x: width / 2, y: height / 2 };
    if (move) setFrame((before) => ({ ...before, x: before.x + move[0], y: before.y + move[1] }));
    else if (event.key === "+" || event.key === "=") setFrame((before) => zoomed(before, KEY_FACTOR, middle));
    else if (event.key === "-") setFrame((before) => zoomed(before, 1 / KEY_FACTOR, middle));
    else if (event.key === "0") setFrame(startFrame(layout, { width, height }, 0));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    dragged.current = { x: event.clientX, y: event.clientY, isMoved: false };
    element.current?.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent) => {
    const from = dragged.current;
    if (!from) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.isMoved && Math.hypot(x, y) < 3) return;
    dragged.current = { x: event.clientX, y: event.clientY, isMoved: true };
    setFrame((before) => ({ ...before, x: before.x + x, y: before.y + y }));
  };
  const onPointerUp = (event: PointerEvent) => {
    const isClick = dragged.current?.isMoved === false;
    dragged.current = null;
    if (!isClick) return;
    // the element has the pointer, so the event does not say which node is under it
    const [hit] = document.elementsFromPoint(event.clientX, event.clientY);
    const id = hit?.closest("[data-node]")?.getAttribute("data-node");
    if (id) onSelect(id);
  };
  const hands = isLarge && {
    onKeyDown,
    onPointerDown,
    onPointerMove,
    onPointerUp,
    onPointerCancel: () => {
      dragged.current = null;
    },
    tabIndex: 0,
    "data-own-keys": "",
  };
  return (
    <svg
      ref={element}
      className="graph-drawing"
      role="img"
      aria-label={isLarge ? `${name}: arrow keys move it, + and - enlarge it, 0 shows all of it` : name}
      {...hands}
    >
      <defs>
        <marker
          id="graph-tip"
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
      <g transform={`translate(${frame.x} ${frame.y}) scale(${frame.scale})`}>
        <Shapes graph={graph} layout={layout} selected={selected} />
      </g>
    </svg>
  );
}

interface ShapesProps {
  readonly graph: ModelGraph;
  readonly layout: LayoutAnswer;
  readonly selected: string | null;
}

function Shapes({ graph, layout, selected }: ShapesProps) {
  return (
    <>
      {layout.edges.map((points, nth) => {
        const [from, to] = graph.edges[nth] ?? [];
        const isOn = selected !== null && (from === selected || to === selected);
        return (
          <path
            key={`${from} ${to}`}
            className="graph-edge"
            data-on={isOn || undefined}
            d={wayOf(points)}
            markerEnd="url(#graph-tip)"
          />
        );
      })}
      {graph.nodes.map((node, nth) => {
        const { x, y } = layout.nodes[nth] ?? { x: 0, y: 0 };
        const { width, height } = sizeOf(node);
        return (
          <g
            key={node.id}
            className="graph-node"
            data-node={node.id}
            data-function={node.isFunction || undefined}
            data-on={node.id === selected || undefined}
            transform={`translate(${x - width / 2} ${y - height / 2})`}
          >
            <title>{node.details === "function" ? node.name : `${node.name}: ${node.details}`}</title>
            <rect width={width} height={height} rx={node.isFunction ? height / 2 : 4} />
            {node.isFunction ? (
              <text x={width / 2} y={height / 2 + 4} textAnchor="middle">
                {cut(node.name, 8)}
              </text>
            ) : (
              <>
                <text className="graph-name" x={8} y={16}>
                  {cut(node.name, 24)}
                </text>
                <text x={8} y={30}>
                  {cut(node.shape === "" ? node.type : `${node.type}, ${node.shape}`, 27)}
                </text>
              </>
            )}
          </g>
        );
      })}
    </>
  );
}

/** Names of layers differ at their ends, so the beginning is left out. */
function cut(text: string, most: number): string {
  return text.length <= most ? text : `…${text.slice(text.length - most + 1)}`;
}

/** A line through the points with round bends. */
function wayOf(points: LayoutAnswer["edges"][number]): string {
  const [start, ...rest] = points;
  const end = rest.pop();
  if (!start || !end) return "";
  let way = `M${start.x} ${start.y}`;
  rest.forEach((bend, nth) => {
    const next = rest[nth + 1] ?? end;
    const isLast = nth === rest.length - 1;
    const [x, y] = isLast ? [next.x, next.y] : [(bend.x + next.x) / 2, (bend.y + next.y) / 2];
    way += `Q${bend.x} ${bend.y} ${x} ${y}`;
  });
  return rest.length > 0 ? way : `${way}L${end.x} ${end.y}`;
}
