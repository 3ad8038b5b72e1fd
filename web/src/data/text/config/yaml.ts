/**
 * A config as YAML, for reading and copying. Pure. Values are JSON's; texts that YAML would read as something
 * else are quoted as in JSON, which YAML takes.
 */

const PLAIN = /^[A-Za-z_/.][\w/. +-]*$/;
const WORDS = /^(true|false|yes|no|on|off|null|y|n|\.nan|[-+]?\.inf|~)$/i;

/** Numbers that JSON has no word for, as YAML has them. */
const SPECIAL: Readonly<Record<string, string>> = { NaN: ".nan", Infinity: ".inf", "-Infinity": "-.inf" };

function textOf(text: string): string {
  const isPlain = PLAIN.test(text) && !WORDS.test(text) && text.trim() === text;
  return isPlain ? text : JSON.stringify(text);
}

function inline(value: unknown): string {
  if (typeof value === "string") return textOf(value);
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (value !== null && typeof value === "object") {
    if ("_type" in value && "value" in value) {
      if (value._type === "float") return SPECIAL[String(value.value)] ?? String(value.value);
      if (value._type === "int") return String(value.value);
    }
    const parts = Object.entries(value).map(([key, part]) => `${textOf(key)}: ${inline(part)}`);
    return `{${parts.join(", ")}}`;
  }
  return String(value);
}

/** Lines of YAML, without a line break at the end. */
export function toYaml(value: Readonly<Record<string, unknown>>, indent = ""): string {
  return Object.entries(value)
    .map(([key, part]) => {
      const name = `${indent}${textOf(key)}:`;
      if (part === null || typeof part !== "object" || Array.isArray(part)) return `${name} ${inline(part)}`;
      return Object.keys(part).length === 0
        ? `${name} {}`
        : `${name}\n${toYaml(part as Record<string, unknown>, `${indent}  `)}`;
    })
    .join("\n");
}
