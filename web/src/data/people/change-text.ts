/** A change of a thing's fields in one line: `role: viewer → admin`. Pure. */

import { formatBytes, formatCount, formatDuration, formatExact, formatNoun } from "../text/format";

type Fields = Readonly<Record<string, unknown>>;

/** Fields that name whom a change is about, shown also where they stay. */
const SUBJECTS: ReadonlySet<string> = new Set(["user", "team"]);

/** By the unit at the end of a field's name: its number as people read it. */
const UNITS: Readonly<Record<string, (n: number) => string>> = {
  micros: formatExact,
  bytes: formatBytes,
  secs: formatDuration,
  days: (n) => formatNoun(n, "day"),
};

/** @param before @param after objects of fields, as JSON or its text; null: there was none, or there is none */
export function changeText(before: unknown, after: unknown): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .map((name) => ({ name, from: valueText(name, old[name]), to: valueText(name, now[name]) }))
    .filter(({ name, from, to }) => SUBJECTS.has(name) || from !== to)
    .map(({ name, from, to }) => {
      const label = name === "" ? "" : `${labelOf(name)}: `;
      const isNew = old[name] === undefined || old[name] === null;
      return from === to || isNew ? `${label}${to}` : `${label}${from} → ${to}`;
    })
    .join(", ");
}

function fieldsOf(value: unknown): Fields {
  const parsed = typeof value === "string" ? parse(value) : value;
  if (parsed === null || parsed === undefined) return {};
  return typeof parsed === "object" && !Array.isArray(parsed) ? (parsed as Fields) : { "": parsed };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** `expires_micros` is `expires`, `n_runs` is `runs`, `is_admin` is `admin`. */
function labelOf(name: string): string {
  const words = name.split("_").filter((word) => word !== "n" && word !== "is");
  if (words.length > 1 && words.at(-1)! in UNITS) words.pop();
  return words.join(" ");
}

function valueText(name: string, value: unknown): string {
  if (value === undefined || value === null || value === "") return "none";
  if (typeof value === "number") return (UNITS[name.split("_").at(-1)!] ?? formatCount)(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
