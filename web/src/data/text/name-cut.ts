/**
 * Where a name is cut that does not fit: out of what it shares with its neighbours, not out of what tells it apart.
 * Pure.
 */

/** Names that stand together, each as the set of its parts: `lora`, `seed0`. */
export type PartsOfNames = readonly ReadonlySet<string>[];

/** Letters of the end that stay of a name that is like no other, at most half of it. */
const TAIL = 9;

/** A part of a name between separators; the sign in `2e-5` does not separate. */
const PART = /(?:\de-\d|[^-_/ ,:=|])+/g;
const HAS_PART = new RegExp(PART.source);

/** The parts of names that stand together. */
export function partsOfNames(names: readonly string[]): PartsOfNames {
  return [...new Set(names)].map((name) => new Set(name.match(PART)));
}

/** The letters of a name from `from` to before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The parts of a name, in the order in which each tells most in addition to those before it.
 *
 * The next one is the part that the fewest names have of those that have all parts before it; the first of the name
 * among equals. So a seed that goes with a model comes behind the model and the learning rate. Last come parts that most
 * names have. Null: no part tells more than another.
 */
export function tellingParts(name: string, names: PartsOfNames): readonly Span[] | null {
  const left = [...name.matchAll(PART)].map(({ 0: text, index }) => ({
    from: index,
    to: index + text.length,
    nNames: nWith(names, text),
    text,
  }));
  const nNames = left.map((part) => part.nNames);
  if (names.length < 2 || Math.min(...nNames) === Math.max(...nNames)) return null;
  const sorted: Span[] = [];
  let alike = names;
  while (left.length) {
    const counts = left.map(({ text }) => nWith(alike, text));
    const next = counts.indexOf(Math.min(...counts));
    if (counts[next] === alike.length) break;
    const [part] = left.splice(next, 1);
    alike = alike.filter((parts) => parts.has(part!.text));
    sorted.push(part!);
  }
  const isCommon = (part: { nNames: number }) => Number(2 * part.nNames > names.length);
  return [...sorted, ...left.toSorted((a, b) => isCommon(a) - isCommon(b))];
}

function nWith(names: PartsOfNames, part: string): number {
  return names.reduce((sum, parts) => sum + Number(parts.has(part)), 0);
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
 * @param telling its parts, those first that stay longest; null: its beginning and its end stay
 * @param fits whether these parts and their dots have room
 */
export function cutName(
  name: string,
  telling: readonly Span[] | null,
  fits: (parts: readonly Span[]) => boolean,
): Span[] {
  const n = name.length;
  if (fits([{ from: 0, to: n }])) return [{ from: 0, to: n }];
  const nShown = telling && largest(1, telling.length - 1, (count) => fits(partsOf(telling.slice(0, count))));
  if (nShown) return withRoom(telling.slice(0, nShown));
  const tail = Math.min(TAIL, n >> 1);
  return (
    best(1, n - tail - 1, (head) => [span(0, head), span(n - tail, n)]) ??
    best(1, tail, (end) => [span(0, 0), span(n - end, n)]) ?? [span(0, 0), span(n, n)]
  );

  /** Some parts in the order of the name, each with what is between it and a neighbour; empty spans for dots at the ends. */
  function partsOf(chosen: readonly Span[]): Span[] {
    const parts: Span[] = [];
    for (const { from, to } of chosen.toSorted((a, b) => a.from - b.from)) {
      const last = parts.at(-1);
      if (last && !HAS_PART.test(name.slice(last.to, from))) parts.splice(-1, 1, span(last.from, to));
      else parts.push(span(from, to));
    }
    if (parts[0]!.from > 0) parts.unshift(span(0, 0));
    if (parts.at(-1)!.to < n) parts.push(span(n, n));
    return parts;
  }

  /** The room that is left goes to the letters behind the first part that was cut there. */
  function withRoom(chosen: readonly Span[]): Span[] {
    const parts = partsOf(chosen);
    const [first, next] = parts as [Span, Span];
    return best(first.to, next.from - 1, (to) => [span(0, to), ...parts.slice(1)]) ?? parts;
  }

  function best(least: number, most: number, spansAt: (at: number) => Span[]): Span[] | null {
    const at = largest(least, most, (position) => fits(spansAt(position)));
    return at === null ? null : spansAt(at);
  }

  function span(from: number, to: number): Span {
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
