/** Names beyond these are not looked at: a suggestion is worth no wait. */
const MAX_LOOKED = 20_000;

/**
 * The name that a person most likely meant: the nearest of `names` by edits, or null when even that is another word.
 * Cost: O(names × length²), most skipped.
 */
export function nearestName(name: string, names: readonly string[]): string | null {
  const needle = name.toLowerCase();
  let far = Math.max(1, Math.floor(name.length / 3)) + 1;
  let nearest: string | null = null;
  for (const other of names.slice(0, MAX_LOOKED)) {
    if (Math.abs(other.length - name.length) >= far) continue;
    const edits = editsBetween(needle, other.toLowerCase(), far);
    if (edits >= far) continue;
    far = edits;
    nearest = other;
    if (edits === 0) break;
  }
  return nearest ?? sameEnd(needle, names);
}

/** `loss` for `val/loss`: the one name whose last part it is. */
function sameEnd(needle: string, names: readonly string[]): string | null {
  const ends = names.filter((other) => other.toLowerCase().endsWith(`/${needle}`));
  return ends[0] ?? null;
}

/** Insertions, deletions, changes and swaps of neighbours between two texts; `limit` where it is as many or more. */
function editsBetween(a: string, b: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      let edits = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (isSame ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        edits = Math.min(edits, before[j - 2]! + 1);
      row.push(edits);
      least = Math.min(least, edits);
    }
    if (least >= limit) return limit;
    before = last;
    last = row;
  }
  return last[b.length]!;
}
