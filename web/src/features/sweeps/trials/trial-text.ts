/** A parameter set as text to copy: YAML, arguments of a command line, Python. Pure. */

import type { Sweep } from "@/api/sweeps/sweeps";
import { toYaml } from "@/data/text/config/yaml";
import { parameterPath } from "../parameters";

export type Parameters = Readonly<Record<string, unknown>>;

/** Parameters as the config of a run has them: nested where the sweep's configuration nests them. */
export function nested(config: Sweep["config"], parameters: Parameters): Record<string, unknown> {
  const whole: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parameters)) {
    const path = parameterPath(config.parameters, name);
    let inner = whole;
    for (const key of path.slice(0, -1)) {
      inner[key] ??= {};
      inner = inner[key] as Record<string, unknown>;
    }
    inner[path.at(-1)!] = value;
  }
  return whole;
}

export function asYaml(config: Sweep["config"], parameters: Parameters): string {
  return `${toYaml(nested(config, parameters))}\n`;
}

/** As agents pass them to a program, by `${args}`. */
export function asFlags(parameters: Parameters): string {
  return Object.entries(parameters)
    .map(([name, value]) => quoted(`--${name}=${argumentText(value)}`))
    .join(" ");
}

export function asPython(config: Sweep["config"], parameters: Parameters): string {
  const lines = Object.entries(nested(config, parameters)).map(
    ([name, value]) => `    ${JSON.stringify(name)}: ${pythonText(value)},\n`,
  );
  return `config = {\n${lines.join("")}}\n`;
}

function argumentText(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null ? JSON.stringify(value) : pythonText(value);
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
}

function pythonText(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(pythonText).join(", ")}]`;
  if (typeof value === "object") {
    const items = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${pythonText(item)}`);
    return `{${items.join(", ")}}`;
  }
  return JSON.stringify(value);
}
