/**
 * Where a name is cut that does not fit: out of what it shares with its neighbours, not out of what tells it apart.
 * Pure.
 */

/** Common start of a family's names, and number of letters that their ends share. */
interface Family {
  readonly start: string;
  readonly nSameEnd: number;
}

/** Families by the letters that their names begin with. */
export type NameFamilies = ReadonlyMap<string, Family>;

/** Names that begin with as many same letters are of one family. */
const KIN = 6;
/** Letters of the beginning that always stay, where there is a choice. */
const LEAST_HEAD = 3;
/** Letters of the end that stay of a name without a family, at most half of it. */
const TAIL = 9;
/** Parts that tell names apart are shown from the beginning of their word, if that is so near. */
const WORD = 12;

function sameStart(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n += 1;
  return n;
}

function sameEnd(a: string, b: string): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n += 1;
  return n;
}

/** The families among names; one that is like no other is in none. */
export function familiesOf(names: readonly string[]): NameFamilies {
  const kin = new Map<string, Set<string>>();
  for (const name of names) {
    if (name.length <= KIN) continue;
    const key = name.slice(0, KIN);
    kin.set(key, (kin.get(key) ?? new Set()).add(name));
  }
  const families = new Map<string, Family>();
  for (const [key, all] of kin) {
    const [first, ...others] = [...all] as [string, ...string[]];
    if (others.length === 0) continue;
    const nStart = Math.min(...others.map((other) => sameStart(first, other)));
    const nSameEnd = Math.min(...others.map((other) => sameEnd(first, other)));
    families.set(key, { start: first.slice(0, nStart), nSameEnd });
  }
  return families;
}

/** The letters of a name from `from` to before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** The part that tells a name from others of its family, from the beginning of its word; null: it has no family. */
export function tellingPart(name: string, families: NameFamilies): Span | null {
  const family = families.get(name.slice(0, KIN));
  if (!family) return null;
  const same = sameStart(name, family.start);
  const word = name.slice(0, same).search(/[^-_/ ,:=]*$/);
  const from = same - word <= WORD ? word : same;
  return from > LEAST_HEAD ? { from, to: Math.max(same, name.length - family.nSameEnd) } : null;
}

/** The largest number in `least` … `most` that fits; null: none does. What fits grows no wider from smaller ones. */
function largest(least: number, most: number, fits: (n: number) => boolean): number | null {
  if (least > most || !fits(least)) return null;
  let [low, high] = [least, most];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * The parts of a name that are shown, with dots between them.
 *
 * @param fits whether these parts and their dots have room
 */
export function cutName(
  name: string,
  telling: Span | null,
  fits: (parts: readonly Span[]) => boolean,
): Span[] {
  const n = name.length;
  if (fits([{ from: 0, to: n }])) return [{ from: 0, to: n }];
  if (telling) {
    const { from, to } = telling;
    const spans =
      best(LEAST_HEAD, from - 1, (head) => [part(0, head), part(from, n)]) ??
      // then the end that all have goes, too
      best(to, n - 1, (end) => [part(0, LEAST_HEAD), part(from, end), part(n, n)]) ??
      best(from + LEAST_HEAD, to - 1, (end) => [
        part(0, LEAST_HEAD),
        part(from, end),
        part(n - LEAST_HEAD, n),
      ]);
    if (spans) return spans;
  }
  const tail = Math.min(TAIL, n >> 1);
  return (
    best(1, n - tail - 1, (head) => [part(0, head), part(n - tail, n)]) ??
    best(1, tail, (end) => [part(0, 0), part(n - end, n)]) ?? [part(0, 0), part(n, n)]
  );

  function best(least: number, most: number, partsOf: (at: number) => Span[]): Span[] | null {
    const at = largest(least, most, (position) => fits(partsOf(position)));
    return at === null ? null : partsOf(at);
  }

  function part(from: number, to: number): Span {
    return { from: whole(name, from), to: whole(name, to) };
  }
}

/** The place of a letter that takes two units, where it would be cut in two. */
function whole(name: string, at: number): number {
  const unit = name.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}

/** A name's parts as they are read. */
export function textOfParts(name: string, parts: readonly Span[]): string {
  return parts.map(({ from, to }) => name.slice(from, to)).join("…");
}
