/** A change of a thing's fields in one line: `role: viewer → admin`. Pure. */

type Fields = Readonly<Record<string, unknown>>;

/** Fields that name whom a change is about, shown also where they stay. */
const SUBJECTS: ReadonlySet<string> = new Set(["user", "team"]);

/** @param before @param after objects of fields, as JSON or its text; null: there was none, or there is none */
export function changeText(before: unknown, after: unknown): string {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  return names
    .filter((name) => SUBJECTS.has(name) || valueText(old[name]) !== valueText(now[name]))
    .map((name) => {
      const label = name === "" ? "" : `${name}: `;
      const isSame = valueText(old[name]) === valueText(now[name]);
      if (isSame || old[name] === undefined || old[name] === null) return `${label}${valueText(now[name])}`;
      return `${label}${valueText(old[name])} → ${valueText(now[name])}`;
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

function valueText(value: unknown): string {
  if (value === undefined || value === null || value === "") return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
