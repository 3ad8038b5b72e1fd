/**
 * Fills a preset: from a Vega-Lite specification with placeholders to one that can be drawn. Pure.
 *
 * Names of columns are never part of the specification, as they may be anything: `a.b`, `it's`, `name`. The rows
 * have each cell under a name made of the preset's field, and columns' names only appear in titles.
 */

import type { ChartPreset } from "@/api/files/tables";

export type Spec = Readonly<Record<string, unknown>>;

/** A column of a chart's table, as its window describes it. */
interface ChartColumn {
  readonly title: string;
  /** W&B's name of its type: `number`, `string`, `timestamp`. */
  readonly type: string;
}

/** By the preset's fields. */
export type ChartColumns = Readonly<Record<string, ChartColumn>>;

/** The name that rows have for a run, and its colour; see `weft.plots`. */
export const RUN_FIELD = "name";
export const COLOR_FIELD = "color";

const PLACEHOLDER = /\$\{(field|string):([^:}]+)(?::([^}]*))?\}/g;
const WHOLE_FIELD = /^\$\{field:([^:}]+)\}$/;
/** Members that people read. */
const TEXTS: ReadonlySet<string> = new Set(["title", "subtitle", "description"]);
/** A chart without a column for one of these is drawn without it. */
const OPTIONAL_CHANNELS: ReadonlySet<string> = new Set([
  "color",
  "detail",
  "opacity",
  "order",
  "shape",
  "size",
  "strokeDash",
  "tooltip",
]);

/** A preset by its name, or by W&B's; null: the server has none. */
export function presetOf(presets: readonly ChartPreset[], name: string): ChartPreset | null {
  return presets.find((preset) => preset.name === name || preset.aliases.includes(name)) ?? null;
}

/** Names of the cells of a preset's field in the rows. */
export function cellName(field: string): string {
  return `field_${field.replace(/\W/g, "_")}`;
}

/** The fields of a preset that a chart must give columns for. */
export function requiredFields(spec: Spec): string[] {
  const names = new Set<string>();
  const walk = (value: unknown, isRequired: boolean) => {
    if (typeof value === "string") {
      if (isRequired)
        for (const [, kind, name] of value.matchAll(PLACEHOLDER)) if (kind === "field") names.add(name!);
    } else if (Array.isArray(value)) for (const element of value) walk(element, isRequired);
    else if (isFields(value))
      for (const [key, member] of Object.entries(value))
        walk(member, isRequired && !OPTIONAL_CHANNELS.has(key) && !TEXTS.has(key));
  };
  walk(spec, true);
  return [...names].sort();
}

/** The specification of a chart: columns as `cellName` calls them, texts, and types that suit the columns. */
export function filledPreset(
  spec: Spec,
  columns: ChartColumns,
  strings: Readonly<Record<string, string>>,
): Spec {
  return fill(spec, "", false) as Spec;

  function fill(value: unknown, key: string, isInEncoding: boolean): unknown {
    if (typeof value === "string") return TEXTS.has(key) ? textOf(value) : replaced(value, cellName);
    if (Array.isArray(value))
      return value
        .filter((element) => !lacksColumn(element))
        .map((element) => fill(element, key, isInEncoding));
    if (!isFields(value)) return value;
    const filled = Object.fromEntries(
      Object.entries(value)
        .filter(([name, member]) => !(OPTIONAL_CHANNELS.has(name) && lacksColumn(member)))
        .map(([name, member]) => [name, fill(member, name, isInEncoding || name === "encoding")]),
    );
    const column = isInEncoding ? columns[fieldOf(value) ?? ""] : undefined;
    return column ? suiting(filled, column) : filled;
  }

  /** Without a text there is no title at all, and no room for one. */
  function textOf(text: string): string | null {
    return replaced(text, (field) => columns[field]?.title ?? "") || null;
  }

  function replaced(text: string, nameOfField: (field: string) => string): string {
    return text.replace(PLACEHOLDER, (_, kind: string, name: string, otherwise: string | undefined) =>
      kind === "field" ? nameOfField(name) : (strings[name] ?? otherwise ?? ""),
    );
  }

  function lacksColumn(definition: unknown): boolean {
    const field = isFields(definition) ? fieldOf(definition) : null;
    return field !== null && columns[field] === undefined;
  }
}

/** The definition of a channel with its column's name, and the type that the column has. */
function suiting(definition: Spec, { title, type }: ChartColumn): Spec {
  const named = "title" in definition ? definition : { ...definition, title };
  if (definition.bin !== undefined || definition.aggregate !== undefined) return named;
  if (type === "timestamp") return { ...named, type: "temporal", scale: undefined };
  const isText = type === "string" || type === "boolean";
  // Vega-Lite takes what has no type for names
  if (definition.type === undefined) return type === "number" ? { ...named, type: "quantitative" } : named;
  // as logged: an alphabet would put `epoch 10` before `epoch 2`
  if (isText && definition.type === "quantitative")
    return { ...named, type: "nominal", sort: null, scale: undefined };
  return named;
}

/** Whether a specification tells runs apart. One that does not is drawn for each run alone. */
export function tellsRuns(spec: unknown): boolean {
  if (Array.isArray(spec)) return spec.some(tellsRuns);
  if (!isFields(spec)) return false;
  return spec.field === RUN_FIELD || spec.field === COLOR_FIELD || Object.values(spec).some(tellsRuns);
}

function fieldOf({ field }: Spec): string | null {
  return typeof field === "string" ? (WHOLE_FIELD.exec(field)?.[1] ?? null) : null;
}

export function isFields(value: unknown): value is Spec {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
