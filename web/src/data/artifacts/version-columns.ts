/**
 * The metadata of versions as columns of a table: which there are, which are shown at first, the order of rows. Pure.
 */

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

export interface VersionSort {
  /** Of metadata `metadata.NAME`. */
  readonly column: string;
  readonly isDown: boolean;
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

/** Rows by a value of each; those without one come last in both directions. */
export function sortRows<Row>(
  rows: readonly Row[],
  sortValue: (row: Row) => unknown,
  isDown: boolean,
): readonly Row[] {
  const sign = isDown ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [own, other] = [keyOf(sortValue(a)), keyOf(sortValue(b))];
    if (own === null || other === null) return Number(own === null) - Number(other === null);
    return sign * compare(own, other);
  });
}

type Key = number | string;

function keyOf(value: unknown): Key | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" || typeof value === "string") return value;
  return JSON.stringify(value);
}

/** Numbers before texts. */
function compare(a: Key, b: Key): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `-metadata.acc` of an address; null: as the server lists them. */
export function sortOfText(text: string): VersionSort | null {
  if (text === "") return null;
  return { column: text.replace(/^-/, ""), isDown: text.startsWith("-") };
}

export function sortText(sort: VersionSort | null): string {
  return sort ? `${sort.isDown ? "-" : ""}${sort.column}` : "";
}

/** By a click on a head: up, down, and as it was. */
export function nextSort(sort: VersionSort | null, column: string): VersionSort | null {
  if (sort?.column !== column) return { column, isDown: true };
  return sort.isDown ? { column, isDown: false } : null;
}
