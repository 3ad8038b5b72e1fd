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
