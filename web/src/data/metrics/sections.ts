/**
 * The section of the workspace that a metric belongs to: by the prefix before its first `/`.
 *
 * What was measured of machines is called `system.…` and has a section of its own. A script may log such names, too:
 * by its name alone a metric counts as measured; who knows better says `isLogged`.
 */

/** Where keys without a prefix go. */
export const PLAIN_SECTION = "charts";
export const SYSTEM_SECTION = "system";
/** Where images, sound and the like go, whatever their prefix. */
export const MEDIA_SECTION = "media";

/** A section with more metrics than this holds those of layers or classes: it comes after the others and is closed at first. */
const MANY_METRICS = 100;

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

/** Those of some sections with so many metrics that they come last, unless all have; by their numbers of metrics. */
export function largeSections(counts: ReadonlyMap<string, number>): ReadonlySet<string> {
  const logged = [...counts].filter(([name]) => name !== SYSTEM_SECTION);
  const large = logged.filter(([, n]) => n > MANY_METRICS).map(([name]) => name);
  return new Set(large.length < logged.length ? large : []);
}
