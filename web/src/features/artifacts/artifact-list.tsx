/** The collections of a project by type, next to the chosen one. */

import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { Collection } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { useChosenInSight, useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { latestText } from "./collection-state";
import type { CollectionSearch } from "./use-collections";

const ROW_PX = 28;

type Row =
  | { readonly is: "type"; readonly type: string; readonly n: number }
  | { readonly is: "artifact"; readonly collection: Collection };

interface ArtifactListProps {
  readonly project: ProjectRef;
  readonly search: CollectionSearch;
  readonly chosen: string;
}

export function ArtifactList({ project, search, chosen }: ArtifactListProps) {
  const { typed, collections, onType } = search;
  return (
    <div className="part-side">
      <div className="part-head">
        <CardSearch label="Search artifacts" value={typed} onChange={onType} />
      </div>
      {collections === null ? (
        <SkeletonRows n={8} height={28} />
      ) : collections.length === 0 ? (
        <p className="card-none" role="status">
          No artifact has {search.search} in its name or in what describes it.
        </p>
      ) : (
        <Rows project={project} collections={collections} chosen={chosen} />
      )}
      {collections && (
        <footer className="part-foot row tn">
          <Link to="/$entity/$project/artifacts" params={project}>
            All artifacts
          </Link>
          <span className="grow" />
          <span className="muted">{formatNoun(collections.length, "artifact")}</span>
        </footer>
      )}
    </div>
  );
}

interface RowsProps {
  readonly project: ProjectRef;
  readonly collections: readonly Collection[];
  readonly chosen: string;
}

function Rows({ project, collections, chosen }: RowsProps) {
  const rows = useMemo(() => rowsOf(collections), [collections]);
  const { scroll, list } = useVirtualRows<HTMLElement>(rows.length, ROW_PX);
  const at = rows.findIndex((row) => row.is === "artifact" && row.collection.name === chosen);
  useChosenInSight(list, at, chosen);
  return (
    <nav className="part-rows artifact-list" aria-label="Artifacts" ref={scroll}>
      <div style={{ height: list.getTotalSize(), position: "relative" }}>
        {list.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]!;
          const style = { transform: `translateY(${start}px)` };
          if (row.is === "type")
            return (
              <h2 key={`type ${row.type}`} className="meta" style={style}>
                <span className="ell">{row.type}</span>
                <span className="tn">{formatCount(row.n)}</span>
              </h2>
            );
          const { name, type } = row.collection;
          return (
            <Link
              key={name}
              to="/$entity/$project/artifacts/$type/$artifact"
              params={{ ...project, type, artifact: name }}
              className="artifact-row plain"
              style={style}
              aria-current={name === chosen ? "page" : undefined}
            >
              <Icon name="box" isSmall />
              <MidName name={name} />
              <span className="muted tn">{latestText(row.collection)}</span>
            </Link>
          );
        })}
      </div>
    </nav>
  );
}

/** Types by name, each above its collections. */
function rowsOf(collections: readonly Collection[]): Row[] {
  const byType = new Map<string, Collection[]>();
  for (const collection of collections) {
    const sameType = byType.get(collection.type);
    if (sameType) sameType.push(collection);
    else byType.set(collection.type, [collection]);
  }
  return [...byType]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([type, ofType]): Row[] => [
      { is: "type", type, n: ofType.length },
      ...ofType.map((collection): Row => ({ is: "artifact", collection })),
    ]);
}
