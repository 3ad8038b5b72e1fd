/** Starred runs: a star is a tag, so scripts can set it, and filters, groups and exports know it. Pure. */

import type { FilterTree } from "../filter/tree";

const TAG = "starred";

export const STARRED: FilterTree = { column: "tags", op: "=", value: TAG };

export function isStarred({ tags }: { readonly tags: readonly string[] }): boolean {
  return tags.includes(TAG);
}

/** Tags with a star where there was none, and without one where there was. */
export function withStarTurned(tags: readonly string[]): readonly string[] {
  return tags.includes(TAG) ? tags.filter((tag) => tag !== TAG) : [...tags, TAG];
}
