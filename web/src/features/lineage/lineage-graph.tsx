/**
 * Runs and versions from left to right: what a version came from, and what came of it.
 */

import { Link } from "@tanstack/react-router";
import { useEffect, useMemo, useRef } from "react";
import type { Lineage, LineageNode } from "@/api/artifacts";
import { formatCount } from "@/data/format";
import type { LayoutAnswer, LayoutQuestion } from "@/panels/media/graph/layout-worker";
import { useLaidOut } from "@/panels/media/graph/use-layout";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";
import "./lineage.css";

const NODE = { width: 184, height: 44 };
const PAD_PX = 24;
const ORIGIN = { x: 0, y: 0 };

interface LineageGraphProps {
  readonly lineage: Lineage;
  /** The id of the node that the graph is around. */
  readonly chosen: string | null;
}

export function LineageGraph({ lineage, chosen }: LineageGraphProps) {
  const question = useMemo(
    (): LayoutQuestion => ({
      nodes: lineage.nodes.map(({ id }) => ({ id, ...NODE })),
      edges: lineage.edges.map(({ source, target }) => [source, target] as const),
      direction: "LR",
    }),
    [lineage],
  );
  const layout = useLaidOut(question);
  return (
    <section className="lineage" aria-label="Lineage">
      {layout && layout.nodes.length === lineage.nodes.length ? (
        <Drawn lineage={lineage} layout={layout} chosen={chosen} />
      ) : (
        <p className="card-none" role="status">
          The graph is being laid out
        </p>
      )}
      {!lineage.is_complete && (
        <p className="lineage-more meta" role="status">
          {formatCount(lineage.nodes.length)} runs and versions are shown; there are more.
        </p>
      )}
    </section>
  );
}

interface DrawnProps extends LineageGraphProps {
  readonly layout: LayoutAnswer;
}

function Drawn({ lineage, layout, chosen }: DrawnProps) {
  const scroll = useRef<HTMLDivElement>(null);
  const at = layout.nodes[lineage.nodes.findIndex(({ id }) => id === chosen)];
  useEffect(() => {
    const element = scroll.current;
    if (!element || !at) return;
    element.scrollTo({ left: at.x - element.clientWidth / 2, top: at.y - element.clientHeight / 2 });
  }, [at]);
  const places = new Map(lineage.nodes.map(({ id }, nth) => [id, layout.nodes[nth] ?? ORIGIN]));
  const placeOf = (id: string) => places.get(id) ?? ORIGIN;
  const size = { width: layout.width + 2 * PAD_PX, height: layout.height + 2 * PAD_PX };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="lineage-scroll" ref={scroll} tabIndex={0}>
      <div className="lineage-drawing" style={size}>
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
              const { source = "", target = "" } = lineage.edges[nth] ?? {};
              return (
                <path
                  key={`${source} ${target}`}
                  className="lineage-edge"
                  data-on={source === chosen || target === chosen || undefined}
                  d={wayOf(placeOf(source), placeOf(target), points)}
                  markerEnd="url(#lineage-tip)"
                />
              );
            })}
          </g>
        </svg>
        {lineage.nodes.map((node) => {
          const { x, y } = placeOf(node.id);
          const left = x - NODE.width / 2 + PAD_PX;
          const top = y - NODE.height / 2 + PAD_PX;
          return (
            <Node key={node.id} node={node} isChosen={node.id === chosen} style={{ left, top, ...NODE }} />
          );
        })}
      </div>
    </div>
  );
}

interface NodeProps {
  readonly node: LineageNode;
  readonly isChosen: boolean;
  readonly style: Readonly<Record<string, number>>;
}

function Node({ node, isChosen, style }: NodeProps) {
  const { entity, project, name, label, version } = node;
  if (node.kind === "run")
    return (
      <Link
        to="/$entity/$project/runs/$run"
        params={{ entity, project, run: name }}
        className="lineage-node run plain"
        style={style}
        title={`Run ${label}`}
      >
        <StateIcon state={node.state} />
        <span className="lineage-words">
          <MidName name={label} />
          <span className="meta ell">run {name}</span>
        </span>
      </Link>
    );
  const isDeleted = node.state === "deleted";
  const words = (
    <>
      <Icon name="box" isSmall />
      <span className="lineage-words">
        <MidName name={`${name}:${version ?? ""}`} />
        <span className="meta ell">{isDeleted ? `${label}, deleted` : label}</span>
      </span>
    </>
  );
  if (isDeleted)
    return (
      <span className="lineage-node gone" style={style}>
        {words}
      </span>
    );
  return (
    <Link
      to="/$entity/$project/artifacts/$type/$artifact/$version"
      params={{ entity, project, type: label, artifact: name, version: version ?? "latest" }}
      search={{ tab: "lineage" } as never}
      className="lineage-node plain"
      data-on={isChosen || undefined}
      style={style}
      title={`${name}:${version ?? ""}`}
    >
      {words}
    </Link>
  );
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
