/** A legend's text as a template: `${run.name} lr ${config.lr}`. Pure. */

/** Values by the names that stand in templates. */
export type TemplateValues = Readonly<Record<string, string>>;

const HOLE = /\$\{([^{}]*)\}/g;
/** Names of the panel itself; any other is a column of the runs. */
const OWN = new Set(["run.name", "run.id", "group", "count", "key", "part"]);

/** The runs' columns that a template names, each once. */
export function templateColumns(template: string | null): string[] {
  const names = [...(template ?? "").matchAll(HOLE)].map((hole) => hole[1]!.trim());
  return [...new Set(names)].filter((name) => name !== "" && !OWN.has(name));
}

/** The template with its values; a name without one leaves nothing. */
export function fillTemplate(template: string, values: TemplateValues): string {
  return template
    .replace(HOLE, (_, name: string) => values[name.trim()] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
