/** All collections of a project, found by their name or by what describes them. */

import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import type { Collection } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { nextSort, type RowSort, sortRows } from "@/data/table/row-sort";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { type TableHead, VirtualTable } from "@/ui/parts/virtual-table";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";
import { latestText } from "./collection-state";
import type { CollectionSearch } from "./use-collections";

const HEADS: readonly TableHead[] = [
  { id: "name", title: "Artifact", minPx: 200, grow: 3 },
  { id: "type", title: "Type", minPx: 90, grow: 1 },
  { id: "latest", title: "Latest", minPx: 120, mostPx: 280, grow: 2, isFixed: true, isKey: true },
  { id: "description", title: "Description", minPx: 120, grow: 3, isFixed: true },
  { id: "versions", title: "Versions", minPx: 84, isNumber: true },
  { id: "size", title: "Size", minPx: 92, isNumber: true, isKey: true },
  { id: "updated", title: "Updated", minPx: 104, isNumber: true },
];

/** Without descriptions, names have their room. */
const WITHOUT_DESCRIPTION = HEADS.filter(({ id }) => id !== "description");

export function CollectionsTable({ project, search }: { project: ProjectRef; search: CollectionSearch }) {
  const { typed, collections, onType } = search;
  const [sort, setSort] = useState<RowSort | null>(null);
  const rows = useMemo(() => {
    const all = collections ?? [];
    return sort ? sortRows(all, (collection) => sortValue(collection, sort.column), sort.isDown) : all;
  }, [collections, sort]);
  return (
    <>
      <div className="artifact-bar">
        <CardSearch label="Search name, description, tags, metadata" value={typed} onChange={onType} />
        <span className="grow" />
        {collections && <span className="muted tn">{formatNoun(collections.length, "artifact")}</span>}
      </div>
      {collections === null ? (
        <SkeletonRows n={12} height={34} />
      ) : rows.length === 0 ? (
        <div className="part-main none">
          <EmptyState icon="search" title="Nothing found">
            No artifact has {search.search} in its name, description or tags, or in those or the metadata of a
            version.
          </EmptyState>
        </div>
      ) : (
        <NamesBeside names={rows.map(({ name }) => name)}>
          <VirtualTable
            label="Artifacts"
            heads={rows.some(descriptionOf) ? HEADS : WITHOUT_DESCRIPTION}
            rows={rows}
            sort={sort}
            keyOf={({ name }) => name}
            cellOf={(row, column) => cellOf(project, row, column)}
            onSort={(column) => setSort((before) => nextSort(before, column))}
          />
        </NamesBeside>
      )}
    </>
  );
}

function descriptionOf({ description, latest }: Collection): string {
  return description || latest?.description || "";
}

function sortValue({ name, type, n_versions, latest, created_micros }: Collection, column: string) {
  const values: Readonly<Record<string, unknown>> = {
    name: name.toLowerCase(),
    type,
    versions: n_versions,
    size: latest?.n_bytes,
    updated: latest?.created_micros ?? created_micros,
  };
  return values[column];
}

function cellOf(project: ProjectRef, row: Collection, column: string): ReactNode {
  const { name, type, tags, latest } = row;
  switch (column) {
    case "name":
      return (
        <>
          <Link
            to="/$entity/$project/artifacts/$type/$artifact"
            params={{ ...project, type, artifact: name }}
            className="row name"
          >
            <Icon name="box" isSmall />
            <MidName name={name} />
          </Link>
          {tags.map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </>
      );
    case "type":
      return <span className="ell">{type}</span>;
    case "latest":
      return latest ? (
        <>
          <span className="tn">{latest.version}</span>
          {[...latest.aliases.filter((alias) => alias !== "latest"), ...latest.tags].map((tag) => (
            <Tag key={tag}>{tag}</Tag>
          ))}
        </>
      ) : (
        <span className="flag neu">{latestText(row)}</span>
      );
    case "description":
      return (
        <span className="ell t2" title={descriptionOf(row)}>
          {descriptionOf(row)}
        </span>
      );
    case "versions":
      return formatCount(row.n_versions);
    case "size":
      return latest && formatBytes(latest.n_bytes);
    default:
      return <Ago micros={latest?.created_micros ?? row.created_micros} suffix=" ago" />;
  }
}
