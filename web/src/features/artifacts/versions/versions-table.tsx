/** The versions of one artifact, each with its aliases, tags, and chosen values of its metadata. */

import { type ReactNode, useMemo } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { METADATA, type MetadataColumn, type VersionRow } from "@/data/artifacts/version-columns";
import { versionNumber } from "@/data/artifacts/versions";
import { nextSort, type RowSort, sortRows } from "@/data/table/row-sort";
import { formatBytes, formatCount, formatExact, formatExactly, formatValue } from "@/data/text/format";
import { type TableHead, VirtualTable } from "@/ui/parts/virtual-table";
import { LockSign } from "@/ui/signs/lock-sign";
import { Ago } from "@/ui/text/ago";
import { NamesBeside } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";
import { LoggedBy, VersionLink } from "../../lineage/artifact-rows";
import { VersionMenu } from "./version-menu";

type Row = VersionRow<Artifact>;

interface VersionsTableProps {
  readonly rows: readonly Row[];
  readonly columns: readonly MetadataColumn[];
  readonly sort: RowSort | null;
  onSort(sort: RowSort | null): void;
}

export function VersionsTable({ rows, columns, sort, onSort }: VersionsTableProps) {
  const heads = useMemo(() => headsOf(columns), [columns]);
  const sorted = useMemo(
    () => (sort ? sortRows(rows, (row) => sortValue(row, sort.column), sort.isDown) : rows),
    [rows, sort],
  );
  return (
    <NamesBeside names={rows.flatMap(({ artifact }) => artifact.logged_by?.name ?? [])}>
      <VirtualTable
        label="Versions"
        heads={heads}
        rows={sorted}
        sort={sort}
        keyOf={({ artifact }) => artifact.version ?? ""}
        cellOf={cellOf}
        onSort={(column) => onSort(nextSort(sort, column))}
      />
    </NamesBeside>
  );
}

function headsOf(columns: readonly MetadataColumn[]): TableHead[] {
  return [
    { id: "version", title: "Version", minPx: 128, mostPx: 320, phoneMostPx: 232, grow: 2 },
    ...columns.map(({ name, isNumber }) => ({
      id: `${METADATA}${name}`,
      title: name,
      minPx: isNumber ? 96 : 110,
      grow: isNumber ? 1 : 1.4,
      isNumber,
    })),
    { id: "by", title: "Logged by", minPx: 132, grow: 4, isFixed: true },
    { id: "files", title: "Files", minPx: 64, isNumber: true },
    { id: "size", title: "Size", minPx: 88, isNumber: true },
    { id: "logged", title: "Logged", minPx: 104, isNumber: true },
    { id: "menu", title: <span className="sr">Menu</span>, minPx: 44, isFixed: true },
  ];
}

function sortValue({ artifact, values }: Row, column: string): unknown {
  if (column.startsWith(METADATA)) return values.get(column.slice(METADATA.length));
  const own: Readonly<Record<string, unknown>> = {
    version: versionNumber(artifact.version),
    files: artifact.n_files,
    size: artifact.n_bytes,
    logged: artifact.created_micros,
  };
  return own[column];
}

function cellOf({ artifact, values }: Row, column: string): ReactNode {
  switch (column) {
    case "version":
      return (
        <>
          <VersionLink artifact={artifact} isShort />
          <LockSign user={artifact.locked_by} micros={artifact.locked_micros} />
          {artifact.aliases.map((alias) => (
            <Tag key={alias}>{alias}</Tag>
          ))}
          {artifact.tags.map((tag) => (
            <span key={tag} className="muted ell">
              {tag}
            </span>
          ))}
          {artifact.expires_micros !== null && (
            <span className="flag neu" title={`Deleted ${formatExact(artifact.expires_micros)}`}>
              expires
            </span>
          )}
        </>
      );
    case "by":
      return <LoggedBy artifact={artifact} />;
    case "files":
      return formatCount(artifact.n_files);
    case "size":
      return formatBytes(artifact.n_bytes);
    case "logged":
      return <Ago micros={artifact.created_micros} suffix=" ago" />;
    case "menu":
      return <VersionMenu artifact={artifact} />;
    default:
      return <MetadataCell value={values.get(column.slice(METADATA.length))} />;
  }
}

function MetadataCell({ value }: { value: unknown }) {
  if (value === undefined) return null;
  if (typeof value === "number") {
    const exact = formatExactly(value);
    return <span title={exact}>{Number.isInteger(value) ? exact : formatValue(value)}</span>;
  }
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <span className="ell" title={text}>
      {text}
    </span>
  );
}
