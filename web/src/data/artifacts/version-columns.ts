/** The metadata of versions as columns of a table: which there are, and which are shown at first. Pure. */

import { configValues } from "../compare/compare-runs";

interface Version {
  readonly version: string | null;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** A version with its metadata's leaves by name, keys joined by dots. */
export interface VersionRow<V extends Version> {
  readonly artifact: V;
  readonly values: ReadonlyMap<string, unknown>;
}

export interface MetadataColumn {
  readonly name: string;
  readonly nVersions: number;
  /** All of its values are numbers. */
  readonly isNumber: boolean;
  /** Not all versions that have it have the same. */
  readonly varies: boolean;
}

export const METADATA = "metadata.";
const SHOWN_FIRST = 3;

export function versionRows<V extends Version>(versions: readonly V[]): VersionRow<V>[] {
  return versions.map((artifact) => ({ artifact, values: configValues(artifact.metadata) }));
}

/** In the order in which the newest version names them, then those that only older ones have. */
export function metadataColumns(rows: readonly VersionRow<Version>[]): MetadataColumn[] {
  const columnsByName = new Map<string, { n: number; isNumber: boolean; first: string; varies: boolean }>();
  for (const { values } of rows)
    for (const [name, value] of values) {
      const column = columnsByName.get(name);
      const text = JSON.stringify(value);
      const isNumber = typeof value === "number";
      if (!column) columnsByName.set(name, { n: 1, isNumber, first: text, varies: false });
      else {
        column.n += 1;
        column.isNumber &&= isNumber;
        column.varies ||= text !== column.first;
      }
    }
  return [...columnsByName].map(([name, { n, isNumber, varies }]) => ({
    name,
    nVersions: n,
    isNumber,
    varies,
  }));
}

/** Names of the columns that are shown before a person chooses: those that tell versions apart. */
export function firstColumns(columns: readonly MetadataColumn[]): string[] {
  const telling = columns.filter(({ varies }) => varies);
  return [...telling.filter(({ isNumber }) => isNumber), ...telling.filter(({ isNumber }) => !isNumber)]
    .slice(0, SHOWN_FIRST)
    .map(({ name }) => name);
}

/** The column that is drawn before a person chooses; null: no column has numbers. */
export function firstDrawn(columns: readonly MetadataColumn[]): string | null {
  const numbers = columns.filter(({ isNumber, nVersions }) => isNumber && nVersions > 1);
  return (numbers.find(({ varies }) => varies) ?? numbers[0])?.name ?? null;
}
