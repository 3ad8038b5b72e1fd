/** Parameters as people type them: texts of fields, and what may be typed. Pure. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { parameterDefinition } from "../parameters";

/** More values are told by their number. */
const MOST_VALUES = 8;

interface Definition {
  readonly distribution?: string;
  readonly values?: readonly unknown[];
  readonly min?: unknown;
  readonly max?: unknown;
  readonly mu?: unknown;
  readonly sigma?: unknown;
}

function definitionOf(config: Sweep["config"], name: string): Definition {
  return (parameterDefinition(config.parameters, name) ?? {}) as Definition;
}

/** The value of a typed text: a choice of the parameter as it is listed, else JSON, else the text itself. */
export function parameterValue(config: Sweep["config"], name: string, text: string): unknown {
  const { values } = definitionOf(config, name);
  const listed = values?.find((value) => shown(value) === text);
  if (listed !== undefined) return listed;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The values that may be typed, as `0.0001 to 0.1, log uniform values`. */
export function parameterHint(config: Sweep["config"], name: string): string {
  const { distribution, values, min, max, mu, sigma } = definitionOf(config, name);
  if (values) {
    const listed = values.slice(0, MOST_VALUES).map(shown).join(", ");
    return values.length > MOST_VALUES ? `${listed}, … (${values.length} values)` : listed;
  }
  const words = distribution?.replaceAll("_", " ");
  if (min !== undefined && max !== undefined) return [`${min} to ${max}`, words].filter(Boolean).join(", ");
  if (mu !== undefined)
    return [words, `mean ${mu}`, sigma !== undefined && `deviation ${sigma}`].filter(Boolean).join(", ");
  return words ?? "";
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
