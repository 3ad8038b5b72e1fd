/**
 * A graph, drawn from top to bottom. In full size it is moved by dragging and by keys, and enlarged by the wheel.
 */

import { useEffect, useRef } from "react";
import type { ModelGraph } from "@/data/media/graph";
import { useStable } from "@/ui/hooks/use-stable";
import { startFrame } from "./frame";
import type { LayoutAnswer } from "./layout-worker";
import { useFrame } from "./use-frame";
import { sizeOf, useLayout } from "./use-layout";

interface GraphDrawingProps {
  readonly graph: ModelGraph;
  readonly name: string;
  readonly isLarge: boolean;
  readonly selected: string | null;
  onSelect(id: string): void;
}

const LEAST_SCALE = { small: 0.6, large: 0.7 };

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
  const { frame, hands, show } = useFrame(element, {
    isOn: isLarge,
    start: (room) => startFrame(layout, room, isLarge ? LEAST_SCALE.large : LEAST_SCALE.small),
    whole: (room) => startFrame(layout, room, 0),
    onPress: (event) => {
      const [hit] = document.elementsFromPoint(event.clientX, event.clientY);
      const id = hit?.closest("[data-node]")?.getAttribute("data-node");
      if (id) onSelect(id);
    },
  });
  const toSelected = useStable(() => {
    const at = layout.nodes[graph.nodes.findIndex(({ id }) => id === selected)];
    if (at && isLarge) show(at, 0);
  });
  useEffect(() => {
    if (selected !== null) toSelected();
  }, [selected, toSelected]);
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
