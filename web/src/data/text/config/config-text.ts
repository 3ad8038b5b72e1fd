/** A config as Python, and as the arguments of a command, for copying. Pure. Values are JSON's. */

import { configValues } from "../../compare/compare-runs";

/** A literal of Python that is the same dict. */
export function toPython(value: unknown, indent = ""): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((part) => toPython(part, indent)).join(", ")}]`;
  if (typeof value !== "object") return String(value);
  if ("_type" in value && "value" in value) {
    if (value._type === "float") return `float(${JSON.stringify(value.value)})`;
    if (value._type === "int") return String(value.value);
  }
  const parts = Object.entries(value);
  if (parts.length === 0) return "{}";
  const inner = `${indent}    `;
  const lines = parts.map(([key, part]) => `${inner}${JSON.stringify(key)}: ${toPython(part, inner)},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

const SAFE_WORD = /^[\w@%+=:,./-]+$/;

/** Arguments of a shell's command, `--optim.lr 0.001`; lists and special values as JSON has them. */
export function toFlags(config: Readonly<Record<string, unknown>>): string {
  return [...configValues(config)]
    .map(([key, value]) => {
      const text = typeof value === "string" ? value : JSON.stringify(value);
      return `${shellWord(`--${key}`)} ${shellWord(text)}`;
    })
    .join(" ");
}

function shellWord(text: string): string {
  return SAFE_WORD.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
