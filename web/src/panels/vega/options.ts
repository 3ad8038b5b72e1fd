/** Options of a Vega-Lite panel: its specification as typed, and the columns that it asks for. Pure. */

import { RUN_COLUMN_NAMES, type RunColumn } from "@/data/runs/run-columns";
import type { Panel } from "@/data/view/panel";
import { text } from "../settings/options";

/** A specification, or why the text is invalid. */
export type Spec =
  | { readonly value: Readonly<Record<string, unknown>>; readonly error: null }
  | { readonly value: null; readonly error: string };

export function specText({ options }: Panel): string {
  return text.read(options.spec) ?? "";
}

export function readSpec(text: string): Spec {
  if (text.trim() === "") return { value: null, error: "The specification is empty" };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return { value: value as Record<string, unknown>, error: null };
    return { value: null, error: "A specification is a JSON object: { … }" };
  } catch (error) {
    return { value: null, error: error instanceof Error ? error.message : "not JSON" };
  }
}

/** Rows of a chart have these without being asked. */
const ALWAYS_THERE: readonly RunColumn[] = ["id", "name", "state"];
const OWN_COLUMNS: readonly string[] = RUN_COLUMN_NAMES.filter((column) => !ALWAYS_THERE.includes(column));
const COLUMN = /(?:^|[^\w./]|\bdatum\.)((?:config|summary)(?:\.[^\s'"[\](),+*<>=!&|?:]+)+)/g;

/** The columns of runs that a specification names, anywhere: as fields, and in its expressions. */
export function specColumns(spec: Readonly<Record<string, unknown>>): string[] {
  const columns = new Set<string>();
  const walk = (value: unknown) => {
    if (typeof value === "string") {
      for (const match of value.matchAll(COLUMN)) columns.add(match[1]!);
      if (OWN_COLUMNS.includes(value)) columns.add(value);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(walk);
  };
  walk(spec);
  return [...columns].sort();
}

/** Whether a specification names the field `step` of the table `history`: then its curves are by step. */
export function namesStep(spec: Readonly<Record<string, unknown>>): boolean {
  const names = (value: unknown): boolean => {
    if (typeof value === "string") return value === "step" || /\bdatum\.step\b/.test(value);
    if (typeof value !== "object" || value === null) return false;
    // there it is a way to draw lines
    return Object.entries(value).some(([key, inner]) => key !== "interpolate" && names(inner));
  };
  return names(spec);
}

/** A row as Vega-Lite reads it: `config.optimizer.lr` is a value in objects. */
export function nested(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(values)) {
    const path = column.split(".");
    let part = row;
    for (const name of path.slice(0, -1)) {
      const inner = part[name];
      part[name] = typeof inner === "object" && inner !== null ? inner : {};
      part = part[name] as Record<string, unknown>;
    }
    part[path[path.length - 1]!] = value;
  }
  return row;
}

/**
 * Events a chart may listen to outside itself: those that continue or end a drag. It has no access to other
 * elements of the page, neither for events nor for the inputs of its parameters.
 */
const EVENTS = {
  bind: "container",
  selector: false,
  window: ["mousemove", "mouseup", "pointermove", "pointerup", "touchend", "touchmove", "resize"],
};

/**
 * The specification without what reaches beyond its panel: a link can bring one that anyone wrote.
 *
 * `usermeta` is left out because vega-embed reads options from it that win over the app's own: the menu of
 * actions, the address of the editor, the renderer. The same goes for `config.events`.
 */
export function confined(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { usermeta: _, config, ...rest } = spec;
  return { ...rest, config: { ...(config as object), events: EVENTS } };
}

/** The specification with the two tables, as either language wants them. */
export function withTables(
  spec: Readonly<Record<string, unknown>>,
  tables: Readonly<Record<string, readonly object[]>>,
): Record<string, unknown> {
  if (!isVega(spec)) return { ...FITTING, ...spec, datasets: { ...(spec.datasets as object), ...tables } };
  const own = Array.isArray(spec.data) ? (spec.data as { name?: string }[]) : [];
  const added = Object.entries(tables).filter(([name]) => !own.some((table) => table.name === name));
  return { ...spec, data: [...added.map(([name, values]) => ({ name, values })), ...own] };
}

const FITTING = { width: "container", height: "container", autosize: { type: "fit", contains: "padding" } };

export function isVega(spec: Readonly<Record<string, unknown>>): boolean {
  return typeof spec.$schema === "string" && spec.$schema.includes("/schema/vega/");
}

/** Specification of a new panel. */
export const FIRST_SPEC = `{
  "data": { "name": "runs" },
  "mark": { "type": "point", "filled": true },
  "encoding": {
    "x": { "field": "created", "type": "quantitative", "scale": { "zero": false }, "axis": { "labels": false } },
    "y": { "field": "runtime", "type": "quantitative", "title": "runtime, s" },
    "color": { "field": "color", "type": "nominal", "scale": null }
  }
}
`;
