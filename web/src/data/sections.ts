/**
 * Sorts metric keys into the workspace's sections: by the prefix before the first `/`, `system.*` last.
 */

/** A section of the workspace and the keys of its panels, in order. */
export interface Section {
  readonly name: string;
  readonly keys: readonly string[];
}

/** Where keys without a prefix go. */
const PLAIN_SECTION = "charts";
export const SYSTEM_SECTION = "system";

const SYSTEM_PREFIX = "system.";

/** The section that a key belongs to: `val/loss` → `val`, `loss` → `charts`, `system.cpu` → `system`. */
function sectionOf(key: string): string {
  if (key.startsWith(SYSTEM_PREFIX)) return SYSTEM_SECTION;
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : PLAIN_SECTION;
}

/** A key without its section's name, as panel titles show it: `val/loss` → `loss`. */
export function titleOf(key: string): string {
  if (key.startsWith(SYSTEM_PREFIX)) return key.slice(SYSTEM_PREFIX.length);
  const slash = key.indexOf("/");
  return slash > 0 && slash < key.length - 1 ? key.slice(slash + 1) : key;
}

/** Keys in sections: `charts` first, then by name, `system` last; keys by name with numbers in order. */
export function groupKeys(keys: Iterable<string>): Section[] {
  const byName = new Map<string, string[]>();
  for (const key of keys) {
    const name = sectionOf(key);
    const list = byName.get(name);
    if (list) list.push(key);
    else byName.set(name, [key]);
  }
  const rank = (name: string) => (name === PLAIN_SECTION ? 0 : name === SYSTEM_SECTION ? 2 : 1);
  const collator = new Intl.Collator("en", { numeric: true });
  return [...byName]
    .map(([name, list]) => ({ name, keys: list.sort(collator.compare) }))
    .sort((a, b) => rank(a.name) - rank(b.name) || collator.compare(a.name, b.name));
}
