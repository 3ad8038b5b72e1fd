import { configValues } from "../compare/compare-runs";

type Values = Readonly<Record<string, unknown>>;

export interface MetadataRow {
  /** Keys joined by dots. */
  readonly name: string;
  /** undefined: the version does not have it. */
  readonly before: unknown;
  readonly after: unknown;
  readonly differs: boolean;
  /** The difference of two numbers; null: they are equal, or not both numbers. */
  readonly difference: number | null;
}

/** The metadata of two versions, value by value: the differences first, each in the order of the later version. */
export function metadataDiff(before: Values, after: Values): MetadataRow[] {
  const [old, own] = [configValues(before), configValues(after)];
  const rows = [...new Set([...own.keys(), ...old.keys()])].map((name): MetadataRow => {
    const [from, to] = [old.get(name), own.get(name)];
    const differs = JSON.stringify(from) !== JSON.stringify(to);
    const isNumber = typeof from === "number" && typeof to === "number";
    return { name, before: from, after: to, differs, difference: differs && isNumber ? to - from : null };
  });
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}
