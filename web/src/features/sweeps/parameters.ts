/**
 * The parameters of a sweep: how their axes are scaled, in what order they are shown, and which runs are inside of
 * brushes over them. Pure.
 */

import type { Sweep, SweepRun } from "@/api/sweeps/sweeps";
import type { AxisChoice } from "@/charts/axis/value-axis";
import { type Brush, type Brushes, isInBrush } from "@/charts/parallel/parallel-layout";

/** Numbers that were listed one by one stand side by side up to so many. */
const MOST_COLUMNS = 12;

/** The axis that fits a parameter's distribution. */
export function parameterScale(config: Sweep["config"], name: string): AxisChoice {
  const { distribution, values } = (parameterDefinition(config.parameters, name) ?? {}) as {
    readonly distribution?: unknown;
    readonly values?: unknown;
  };
  if (typeof distribution === "string" && distribution.includes("log")) return "log";
  if (!Array.isArray(values)) return "linear";
  const areNumbers = values.every((value) => typeof value === "number");
  return areNumbers && values.length > MOST_COLUMNS ? "auto" : "category";
}

interface Located {
  readonly path: readonly string[];
  readonly definition: unknown;
}

/** The keys that lead to a parameter: `optimizer.name` may be nested, or a name with a dot. */
export function parameterPath(parameters: unknown, name: string): readonly string[] {
  return locate(parameters, name)?.path ?? [name];
}

/** The definition of a parameter in the configuration. */
export function parameterDefinition(parameters: unknown, name: string): unknown {
  return locate(parameters, name)?.definition;
}

function locate(parameters: unknown, name: string): Located | undefined {
  if (typeof parameters !== "object" || parameters === null) return undefined;
  const all = parameters as Readonly<Record<string, { readonly parameters?: unknown } | undefined>>;
  if (Object.hasOwn(all, name)) return { path: [name], definition: all[name] };
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1)) {
    const above = name.slice(0, dot);
    const inner = locate(all[above]?.parameters, name.slice(dot + 1));
    if (inner !== undefined) return { path: [above, ...inner.path], definition: inner.definition };
  }
  return undefined;
}

/** Parameters in an order, and behind them those that it does not name. */
export function ordered(parameters: readonly string[], order: readonly string[]): string[] {
  const named = order.filter((name) => parameters.includes(name));
  return [...named, ...parameters.filter((name) => !named.includes(name))];
}

export type IsIn = (run: SweepRun) => boolean;

/** The test of the brushes for a run. `results`: the columns of the metrics, in their order. */
export function insideOf(brushes: Brushes, results: readonly string[]): IsIn {
  const entries: readonly (readonly [string, Brush])[] = Object.entries(brushes);
  return (run) =>
    entries.every(([column, brush]) => {
      if (column.startsWith("config."))
        return isInBrush(run.parameters[column.slice("config.".length)], brush);
      const at = results.indexOf(column);
      return at < 0 || isInBrush(run.values?.[at], brush);
    });
}
