/**
 * The section of the workspace that a metric belongs to: by the prefix before its first `/`.
 *
 * What was measured of machines is called `system.…` and has a section of its own. A script may log such names, too:
 * by its name alone a metric counts as measured; who knows better says `isLogged`.
 */

import { isEvaluated } from "./likelihood";

/** Where keys without a prefix go. */
export const PLAIN_SECTION = "charts";
export const SYSTEM_SECTION = "system";
/** Where images, sound and the like go, whatever their prefix. */
export const MEDIA_SECTION = "media";

/**
 * A section with more metrics than this, or with some that are alike but for their numbers, holds those of layers or classes: it
 * comes after the others and is closed at first.
 */
const MANY_METRICS = 100;
const MANY_ALIKE = 20;
/** A section of results on held-out data, which has one metric for each slice of the data, may have more. */
const MANY_EVALUATED = 300;
/** So many metrics there are for each way in which they are called, numbers left out: one for each layer. */
const METRICS_OF_SHAPE = 3;

export const SYSTEM_PREFIX = "system.";

/** The section that a key belongs to: `val/loss` → `val`, `loss` → `charts`, `system.cpu` → `system`. */
export function sectionOf(key: string, isLogged = false): string {
  if (!isLogged && key.startsWith(SYSTEM_PREFIX)) return SYSTEM_SECTION;
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : PLAIN_SECTION;
}

/** A key without its section's name, as panel titles show it: `val/loss` → `loss`. */
export function titleOf(key: string): string {
  if (key.startsWith(SYSTEM_PREFIX)) return key.slice(SYSTEM_PREFIX.length);
  const slash = key.indexOf("/");
  return slash > 0 && slash < key.length - 1 ? key.slice(slash + 1) : key;
}

/** A section's metrics, as far as their number tells whether it is large. */
interface SectionMetrics {
  readonly n: number;
  names(): readonly string[];
}

/** Those of some sections with so many metrics that they come last, unless all have. */
export function largeSections(sections: ReadonlyMap<string, SectionMetrics>): ReadonlySet<string> {
  const logged = [...sections].filter(([name]) => name !== SYSTEM_SECTION);
  const isLarge = (name: string, { n, names }: SectionMetrics) =>
    n > (isEvaluated(`${name}/`) ? MANY_EVALUATED : MANY_METRICS) || (n >= MANY_ALIKE && areAlike(names()));
  const large = logged.filter(([name, metrics]) => isLarge(name, metrics)).map(([name]) => name);
  return new Set(large.length < logged.length ? large : []);
}

/** The large ones of the sections of some metrics. */
export function largeSectionsOf(metrics: Iterable<string>): ReadonlySet<string> {
  const homes = new Map<string, string[]>();
  for (const metric of metrics) {
    const section = sectionOf(metric);
    const home = homes.get(section);
    if (home) home.push(metric);
    else homes.set(section, [metric]);
  }
  return largeSections(
    new Map(Array.from(homes, ([name, home]) => [name, { n: home.length, names: () => home }])),
  );
}

/** Whether names differ mostly in their numbers: `encoder.0.attn`, `encoder.1.attn`. */
function areAlike(names: readonly string[]): boolean {
  const shapes = new Set(names.map((name) => name.replace(/\d+/g, "#")));
  return shapes.size * METRICS_OF_SHAPE <= names.length;
}
