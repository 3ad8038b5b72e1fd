/**
 * The metrics that `watch` logged of a model: the histograms of its parameters and of their gradients, by
 * parameter. Pure.
 */

import { inNaturalOrder } from "../text/natural-order";

/** Of a parameter such as `encoder.0.weight`; null: its histograms were not logged. */
export interface WatchedParameter {
  readonly name: string;
  readonly gradients: string | null;
  readonly values: string | null;
}

const GRADIENTS = "gradients/";
const VALUES = "parameters/";

/** The watched parameters in the order of people. */
export function watchedParameters(metrics: readonly string[]): WatchedParameter[] {
  const existing = new Set(metrics);
  const names = metrics.flatMap((metric) => {
    const start = [GRADIENTS, VALUES].find((prefix) => metric.startsWith(prefix));
    return start === undefined ? [] : [metric.slice(start.length)];
  });
  const having = (metric: string) => (existing.has(metric) ? metric : null);
  return inNaturalOrder([...new Set(names)]).map((name) => ({
    name,
    gradients: having(GRADIENTS + name),
    values: having(VALUES + name),
  }));
}

/** The layer that a parameter is in: `fc` of `fc.weight`. */
export function layerOf(parameter: string): string {
  return parameter.slice(0, Math.max(0, parameter.lastIndexOf(".")));
}

/** The parameters of one layer: `fc.weight` and `fc.bias` of `fc`. */
export function parametersOf(layer: string, all: readonly WatchedParameter[]): WatchedParameter[] {
  return all.filter(({ name }) => layerOf(name) === layer);
}
