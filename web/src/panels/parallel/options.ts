import type { AxisChoice } from "@/charts/axis/value-axis";
import type { Brush, Brushes } from "@/charts/parallel/parallel-layout";
import type { Shown } from "@/data/runs/shown-runs";
import type { RunSelection } from "@/data/view/view";
import { column, type OptionsOf, optionsReader, texts } from "../settings/options";

const GOALS = ["minimize", "maximize"] as const;

export const PARALLEL_OPTIONS = {
  /** In order; empty: parameters that vary and that runs have together, and the panel's or the key metric. */
  columns: texts,
  tint: column("Color", "the last axis"),
  /** Best end of the tint's values; null: by its metric's definition. */
  goal: { read: (value: unknown) => GOALS.find((goal) => goal === value) ?? null },
  brushes: { read: brushesFrom },
  /** By column, what its axis is; of others their values tell. */
  scales: { read: scalesFrom },
  /** Runs shown before the first brush. */
  before: { read: shownFrom },
};

export type ParallelOptions = OptionsOf<typeof PARALLEL_OPTIONS>;
export const parallelOptions = optionsReader(PARALLEL_OPTIONS);

type Scales = Readonly<Record<string, AxisChoice>>;

const SCALES: readonly string[] = ["linear", "log", "category"] satisfies AxisChoice[];

function scalesFrom(value: unknown): Scales {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter(([, scale]) => SCALES.includes(scale)));
}

/** The brushes of a view or an address; what does not fit is left out. */
export function brushesFrom(value: unknown): Brushes {
  if (typeof value !== "object" || value === null) return {};
  const brushes = Object.entries(value).map(([column, brush]) => [column, brushFrom(brush)] as const);
  return Object.fromEntries(brushes.filter((entry): entry is [string, Brush] => entry[1] !== null));
}

function brushFrom(value: unknown): Brush | null {
  const { lo, hi, levels } = (value ?? {}) as Record<string, unknown>;
  if (typeof lo === "number" && typeof hi === "number") return { lo, hi };
  return Array.isArray(levels) && levels.every((level) => typeof level === "string") ? { levels } : null;
}

function shownFrom(value: unknown): Shown | null {
  const before = (value ?? {}) as Partial<Shown>;
  const { base, on, off } = before.selection ?? ({} as Partial<RunSelection>);
  const isBase = base === "newest" || base === "all" || base === "none";
  if (!isBase || !Array.isArray(on) || !Array.isArray(off)) return null;
  const groups = (list: unknown) => (Array.isArray(list) ? (list as string[]) : []);
  return {
    selection: { base, on, off },
    hiddenGroups: groups(before.hiddenGroups),
    shownGroups: groups(before.shownGroups),
  };
}

/** The brushes with one drawn, moved or taken away. */
export function withBrush(brushes: Brushes, column: string, brush: Brush | null): Brushes {
  const { [column]: _, ...others } = brushes;
  return brush ? { ...others, [column]: brush } : others;
}

/** The brushes of these axes: one of an axis that was removed chooses nothing any more. */
export function brushesOn(brushes: Brushes, columns: readonly string[]): Brushes {
  return Object.fromEntries(Object.entries(brushes).filter(([column]) => columns.includes(column)));
}
