/** A run or a version in the graph, or what stands for several that are not drawn. */

import { Link } from "@tanstack/react-router";
import type { CSSProperties } from "react";
import type { LineageNode } from "@/api/artifacts/artifacts";
import type { Fold } from "@/data/lineage/fold";
import { formatCount } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";

interface NodeProps {
  readonly node: LineageNode;
  readonly isChosen: boolean;
  readonly style: CSSProperties;
}

/** The name that a node shows: a run's, or a version's with its collection's. */
export function lineageName({ kind, name, label, version }: LineageNode): string {
  return kind === "run" ? label : `${name}:${version ?? ""}`;
}

export function LineageNodeView({ node, isChosen, style }: NodeProps) {
  const { id, entity, project, name, label, version } = node;
  const shownName = lineageName(node);
  const shared = { "data-node": id, "data-on": isChosen || undefined, style, draggable: false };
  if (node.kind === "run")
    return (
      <Link
        to="/$entity/$project/runs/$run"
        params={{ entity, project, run: name }}
        className="lineage-node run plain"
        title={`Run ${label}`}
        {...shared}
      >
        <StateIcon state={node.state} />
        <span className="lineage-words">
          <MidName name={shownName} />
          <span className="meta ell">run {name}</span>
        </span>
      </Link>
    );
  const isDeleted = node.state === "deleted";
  const words = (
    <>
      <Icon name="box" isSmall />
      <span className="lineage-words">
        <MidName name={shownName} />
        <span className="meta ell">{isDeleted ? `${label}, deleted` : label}</span>
      </span>
    </>
  );
  if (isDeleted)
    return (
      <span className="lineage-node gone" {...shared}>
        {words}
      </span>
    );
  return (
    <Link
      to="/$entity/$project/artifacts/$type/$artifact/$version"
      params={{ entity, project, type: label, artifact: name, version: version ?? "latest" }}
      search={{ tab: "lineage" } as never}
      className="lineage-node plain"
      title={shownName}
      {...shared}
    >
      {words}
    </Link>
  );
}

export function FoldView({ fold, style, onMore }: { fold: Fold; style: CSSProperties; onMore(): void }) {
  const { id, kind, name, nHidden } = fold;
  const label = `${formatCount(nHidden)} more ${kind === "run" ? "runs" : `versions of ${name}`}`;
  return (
    <button type="button" className="lineage-node fold" data-node={id} style={style} onClick={onMore}>
      <Icon name="layers" isSmall />
      <span className="lineage-words">
        <MidName name={label} />
        <span className="meta ell">Show more</span>
      </span>
    </button>
  );
}
