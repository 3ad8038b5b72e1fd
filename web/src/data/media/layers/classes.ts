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

/** 1 … 12, of a class that no layer names. */
export function classColor(id: number | null): number {
  const n = id === null ? 0 : Math.abs(Math.trunc(id));
  return (n % N_COLORS) + 1;
}

interface NamingLayer {
  readonly kind: string;
  /** By id. */
  readonly class_labels: Readonly<Record<string, string>>;
}

/** The colours of the classes of one image, by name. */
export type ClassColors = ReadonlyMap<string, number>;

/**
 * One colour for each name in all layers of an image, whose boxes may number the classes otherwise than its masks. It is the
 * colour of the class's id, of masks before boxes, or the next one where a class of another name has that.
 */
export function classColors(layers: readonly NamingLayer[]): ClassColors {
  const colors = new Map<string, number>();
  const usedColors = new Set<number>();
  for (const { class_labels: labels } of layers.toSorted((a, b) => b.kind.localeCompare(a.kind)))
    for (const [id, label] of Object.entries(labels)) {
      const name = classOf(Number(id), label);
      if (colors.has(name)) continue;
      let color = classColor(Number(id));
      for (let n = 1; n < N_COLORS && colors.size < N_COLORS && usedColors.has(color); n++)
        color = (color % N_COLORS) + 1;
      colors.set(name, color);
      usedColors.add(color);
    }
  return colors;
}

/** The colour of a box's class. One that no layer names has a colour that no named class has, as far as there are some. */
export function boxColor(colors: ClassColors, { id, label }: { id: number | null; label: string }): number {
  const named = colors.get(label);
  if (named !== undefined) return named;
  const used = new Set(colors.values());
  const free = Array.from({ length: N_COLORS }, (_, at) => at + 1).filter((color) => !used.has(color));
  return free[(classColor(id) - 1) % free.length] ?? classColor(id);
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
