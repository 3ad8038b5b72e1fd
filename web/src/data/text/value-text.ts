/** Values of configs and summaries in words, the same on all pages. Pure. */

import { numberOf, objectText } from "../runs/summary";
import { formatExactly, formatValue } from "./format";

/** A value as people write it: texts as they are, of histograms that they are some, all else as JSON. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  if (value !== null && typeof value === "object" && "_type" in value) {
    if ("value" in value) return String(value.value);
    if (value._type === "histogram" && "values" in value && Array.isArray(value.values))
      return `histogram of ${value.values.length} bins`;
  }
  return jsonText(value);
}

/** JSON with room between its parts, in which a number that JSON has no word for reads as such. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if ("_type" in value && (value._type === "float" || value._type === "int") && "value" in value)
    return String(value.value);
  const entries = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}: ${jsonText(inner)}`);
  return `{${entries.join(", ")}}`;
}

/** A value that a person set: all digits of a number, lists as JSON, logged objects by what they are. */
export function configText(value: unknown): string {
  return typeof value === "number" ? formatExactly(value) : (objectText(value) ?? valueText(value));
}

/** A result: a number as it was measured, or whole; pictures, tables and histograms by what they are. */
export function summaryText(value: unknown): string {
  const number = numberOf(value);
  if (number === null) return objectText(value) ?? valueText(value);
  return Number.isInteger(number) ? formatExactly(number) : formatValue(number);
}
