/** Classes of boxes and masks: their names, their colours and which are drawn. Pure. */

/** What a person turned off. */
export interface ClassChoice {
  readonly offClasses: readonly string[];
}

/** Colours of runs, which are told apart in both themes and with every kind of sight. */
const N_COLORS = 12;

/** A class's name; one without a name has its number. */
export function classOf(id: number, label: string): string {
  return label === "" ? `class ${id}` : label;
}

/** 1 … 12: the same id has the same colour in boxes and masks. */
export function classColor(id: number | null): number {
  const n = id === null ? 0 : Math.abs(Math.trunc(id));
  return (n % N_COLORS) + 1;
}

/** What people call it, without what is no letter; `class0` is the client's name for a class that has none. */
const BACKGROUNDS: ReadonlySet<string> = new Set([
  "background",
  "bg",
  "class0",
  "none",
  "unlabeled",
  "unlabelled",
  "void",
]);

/** Whether a class of a mask is what lies behind all others: id 0, without a name or with one that says so. */
export function isBackground(id: number, label: string): boolean {
  return id === 0 && (label === "" || BACKGROUNDS.has(label.toLowerCase().replace(/[\s_-]/g, "")));
}

export function isClassOn({ offClasses }: ClassChoice, label: string): boolean {
  return label === "" || !offClasses.includes(label);
}

/** The list with a name added, or without it. */
export function toggled(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
