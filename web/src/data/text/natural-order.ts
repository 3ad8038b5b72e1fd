/** Names in the order that people expect: numbers by their value, small letters and capitals alike. Pure. */

const DIGITS = 12;

/** A text that sorts as its name should; far quicker than a collator over 100,000 names. */
function sortText(name: string): string {
  return name.toLowerCase().replace(/\d+/g, (digits) => digits.padStart(DIGITS, "0"));
}

/** Of few names; `inNaturalOrder` sorts many sooner. */
export function compareNames(a: string, b: string): number {
  const [first, second] = [sortText(a), sortText(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}

/** A new list in order. */
export function inNaturalOrder(names: readonly string[]): string[] {
  const texts = names.map(sortText);
  const indices = Array.from(names.keys());
  indices.sort((a, b) => (texts[a]! < texts[b]! ? -1 : texts[a]! > texts[b]! ? 1 : a - b));
  return indices.map((index) => names[index]!);
}

/** Where a name belongs in a list that is in order: behind its equals. */
export function naturalIndex(ordered: readonly string[], name: string): number {
  const text = sortText(name);
  let lo = 0;
  let hi = ordered.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (sortText(ordered[mid]!) <= text) lo = mid + 1;
    else hi = mid;
  }
  return lo;
}
