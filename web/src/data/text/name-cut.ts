/**
 * Where a name is cut that does not fit: out of what it shares with its neighbours, not out of what tells it apart.
 * Pure.
 */

import { marksOf } from "./name-mark";

/** Names that stand together. A family of them shows its columns of parts in one order. */
export interface PartsOfNames {
  readonly texts: ReadonlySet<string>;
  /** By name: where the mark of a person begins, which is shown whole as long as it has room. */
  readonly marks: ReadonlyMap<string, number>;
  /** The parts of each name without its mark: `lora`, `seed0`. */
  readonly names: readonly (readonly string[])[];
  /** The number of names that have a part. */
  readonly counts: ReadonlyMap<string, number>;
  /** By family: its columns, those first that tell most; null: none tells more than another. */
  readonly orders: Map<string, readonly Column[] | null>;
  /** By room, px: each name as it is cut there. */
  readonly cuts: Map<number, ReadonlyMap<string, string>>;
}

/** A column of parts of a family. */
interface Column {
  readonly index: number;
  /** Names are told apart only with it. */
  readonly isNeeded: boolean;
  /** It differs among names, and no needed column tells what it says. */
  readonly isOwn: boolean;
  /** All parts in it, if there are few; of a part that all names of the family have, with those of the other families. */
  readonly values: readonly string[];
}

/** Letters of the end that stay of a name that is like no other, at most half of it. */
const TAIL = 9;

/** Letters before dots at least. */
const FEWEST_LETTERS = 3;

/** Among more names, those that would read the same are not searched for. */
const MOST_RIVALS = 300;
const MOST_ROOMS = 8;

/** Among more parts none is shortened: it would have to be compared with all of them. */
const MOST_COMPARED = 100;

/** A part of a name between separators; the sign in `2e-5` does not separate. */
const PART = /(?:\de-\d|[^-_/ ,:=|])+/g;
const HAS_PART = new RegExp(PART.source);

/** The parts of names that stand together. */
export function partsOfNames(names: readonly string[]): PartsOfNames {
  const texts = new Set(names);
  const marks = marksOf(texts);
  const parts = [...texts].map((name) => name.slice(0, marks.get(name)).match(PART) ?? []);
  const counts = new Map<string, number>();
  for (const own of parts) for (const part of new Set(own)) counts.set(part, (counts.get(part) ?? 0) + 1);
  return { texts, marks, names: parts, counts, orders: new Map(), cuts: new Map() };
}

/** The letters of a name from `from` to before `to`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A part of a name that is shown. */
export interface ShownSpan extends Span {
  /** A point, not dots, stands before it: all parts have no room else. */
  readonly isTight?: boolean;
}

/** The dots, or the point, before a part of a name that is shown. */
function joint({ isTight = false }: ShownSpan): string {
  return isTight ? "·" : "…";
}

/** A part of a name, and what is left of it where there is no room for all parts that are needed. */
export interface TellingPart extends Span {
  readonly isNeeded: boolean;
  /** It differs among names and goes with no needed part, even where that tells the names apart: a size next to seeds. */
  readonly isOwn: boolean;
  /** Most names have it. */
  readonly isCommon: boolean;
  /** This name is told from all others only with it: a seed may be needed in its column for other names alone. */
  readonly isDeciding: boolean;
  /** Its first letters that no other part of the column begins with. */
  readonly start: Span;
  /** Without the letters that all parts of the column have before their numbers. */
  readonly shortest: Span;
  /** Of that, no more letters than tell it from the other parts of the column. */
  readonly initials: Span;
}

/**
 * The parts of a name in the order of its family: those first that stay longest. Null: no part tells more than another.
 */
export function tellingParts(name: string, names: PartsOfNames): readonly TellingPart[] | null {
  const markFrom = names.marks.get(name);
  const spans = [...name.slice(0, markFrom).matchAll(PART)].map(({ 0: text, index }) => ({
    from: index,
    to: index + text.length,
  }));
  const parts = spans.map(({ from, to }) => name.slice(from, to));
  const family = familyOf(parts);
  let order = names.orders.get(family);
  if (order === undefined) {
    const members: (readonly string[])[] = [];
    const others: (readonly string[])[] = [];
    for (const parts of names.names) (familyOf(parts) === family ? members : others).push(parts);
    order = columnOrder(members.length > 0 ? members : [parts], others, names.counts);
    if (members.length > 0) names.orders.set(family, order);
  }
  const mark = markFrom === undefined ? [] : [markPart({ from: markFrom, to: name.length })];
  if (!order) return mark.length > 0 ? mark : null;
  const deciding = decidingColumns(parts, order, names);
  return [
    ...mark,
    ...order.map(({ index, isNeeded, isOwn, values }) => {
      const { from, to } = spans[index]!;
      const start = { from, to: from + uniqueLength(parts[index]!, values) };
      const unit = from + unitLength(parts[index]!, values);
      return {
        from,
        to,
        isNeeded,
        isOwn,
        isCommon: 2 * (names.counts.get(parts[index]!) ?? 0) > names.names.length,
        isDeciding: deciding.has(index),
        start,
        shortest: { from: unit, to: start.to },
        initials: { from: unit, to: Math.max(unit, from + uniqueLength(parts[index]!, values, 1)) },
      };
    }),
  ];
}

/** A mark as a part that is never shortened. */
function markPart(span: Span): TellingPart {
  const flags = { isNeeded: true, isOwn: true, isCommon: false, isDeciding: true };
  return { ...span, ...flags, start: span, shortest: span, initials: span };
}

/** The needed columns without which a name would be like another one: as few as that takes, those first that tell most. */
function decidingColumns(
  parts: readonly string[],
  order: readonly Column[],
  { names }: PartsOfNames,
): ReadonlySet<number> {
  const text = parts.join("\n");
  const rivals = names.filter((other) => other.join("\n") !== text);
  const columns = new Set(order.filter(({ isNeeded }) => isNeeded).map(({ index }) => index));
  const isAlike = (other: readonly string[], without: number) =>
    [...columns].every((column) => column === without || other.includes(parts[column]!));
  for (const column of [...columns].reverse())
    if (!rivals.some((other) => isAlike(other, column))) columns.delete(column);
  return columns;
}

/** The number of first letters that tell a part from the others: of one with a number all, or those before it. */
function uniqueLength(part: string, values: readonly string[], fewest = FEWEST_LETTERS): number {
  if (values.length < 2) return part.length;
  const others = values.filter((value) => value !== part);
  // a number is not cut: 1 would be read for 13
  const digit = part.search(/\d/);
  const longest = digit < 0 ? part.length - 1 : digit;
  for (let n = fewest; n <= longest; n++)
    if (!others.some((other) => other.startsWith(part.slice(0, n)))) return whole(part, n);
  return part.length;
}

/** The number of letters before the numbers of all parts: of `seed0` and `seed1` four. */
function unitLength(part: string, values: readonly string[]): number {
  const unit = /^\D+(?=\d)/.exec(part)?.[0] ?? "";
  const isShared = values.length > 1 && values.every((value) => /^\D+(?=\d)/.exec(value)?.[0] === unit);
  return isShared ? unit.length : 0;
}

/** Names of one family have as many parts and end in the same kind: `…-seed3` and `…-seed7`, but not `…-ema`. */
function familyOf(parts: readonly string[]): string {
  const last = parts.at(-1) ?? "";
  return `${parts.length} ${/\d/.test(last) ? last.replace(/\d.*/, "#") : ""}`;
}

/**
 * The columns of a family, in the order in which each tells most in addition to those before it.
 *
 * The next one is the column that leaves the fewest names alike; the first among equals. So a seed that goes with a model
 * comes behind the model and the learning rate. Then come columns that differ for themselves, those that tell nothing more,
 * and last those that most names have alike.
 *
 * @param others names of other families, which the family's are told from, too
 */
function columnOrder(
  family: readonly (readonly string[])[],
  others: readonly (readonly string[])[],
  counts: ReadonlyMap<string, number>,
): readonly Column[] | null {
  const nNames = family.length + others.length;
  const shares = family[0]!.map((_, column) => mean(family.map((parts) => counts.get(parts[column]!) ?? 0)));
  if (nNames < 2 || Math.min(...shares) === Math.max(...shares)) return null;
  const left = shares.map((_, column) => column);
  const sorted: number[] = [];
  let nAlike = family.length * nNames;
  while (left.length > 0) {
    const sums = left.map((column) => countAlike(family, others, [...sorted, column]));
    const least = Math.min(...sums);
    if (least === nAlike) break;
    nAlike = least;
    sorted.push(...left.splice(sums.indexOf(least), 1));
  }
  const isOwn = (column: number) =>
    family.some((parts) => parts[column] !== family[0]![column]) &&
    !sorted.some((needed) => needed !== column && doesTell(family, needed, column));
  const rank = (column: number) => (isOwn(column) ? 0 : 2 * shares[column]! > nNames ? 2 : 1);
  return [...sorted, ...left.toSorted((a, b) => rank(a) - rank(b))].map((index) => {
    const isNeeded = sorted.includes(index);
    const own = new Set(family.map((parts) => parts[index]!));
    const values = [...(isNeeded && own.size === 1 ? new Set([...own, ...others.flat()]) : own)];
    return {
      index,
      isNeeded,
      isOwn: isNeeded || isOwn(index),
      values: values.length > MOST_COMPARED ? [] : values,
    };
  });
}

/**
 * Whether names that have the same part in one column have the same in another: their model tells their seed. Each part of
 * the other must be told by one that several names have: seeds of which each has one name tell nothing.
 */
function doesTell(family: readonly (readonly string[])[], from: number, to: number): boolean {
  const targets = new Map<string, string>();
  const repeated = new Set<string>();
  for (const parts of family) {
    const earlier = targets.get(parts[from]!);
    if (earlier === undefined) targets.set(parts[from]!, parts[to]!);
    else if (earlier === parts[to]) repeated.add(earlier);
    else return false;
  }
  return family.every((parts) => repeated.has(parts[to]!));
}

/** The number of names alike in some columns, itself one of them, summed over a family. */
function countAlike(
  family: readonly (readonly string[])[],
  others: readonly (readonly string[])[],
  columns: readonly number[],
): number {
  const sizes = new Map<string, { parts: readonly string[]; n: number }>();
  for (const parts of family) {
    const shown = columns.map((column) => parts[column]!);
    const text = shown.join(" ");
    sizes.set(text, { parts: shown, n: (sizes.get(text)?.n ?? 0) + 1 });
  }
  let sum = 0;
  for (const { parts, n } of sizes.values())
    sum += n * (n + others.filter((other) => parts.every((part) => other.includes(part))).length);
  return sum;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
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
  telling: readonly TellingPart[] | null,
  fits: (parts: readonly ShownSpan[]) => boolean,
): ShownSpan[] {
  const n = name.length;
  if (fits([{ from: 0, to: n }])) return [{ from: 0, to: n }];
  const nShown = telling && largest(1, telling.length - 1, (count) => fits(partsOf(telling.slice(0, count))));
  const own = telling?.filter(({ isOwn }) => isOwn) ?? [];
  const needed = own.filter(({ isNeeded }) => isNeeded);
  if (own.length > (nShown ?? 0)) {
    const short = shortened(own, ["start"]);
    if (short) return short;
  }
  if (needed.length > (nShown ?? 0)) {
    const deciding = needed.filter(({ isDeciding }) => isDeciding);
    const short =
      shortened(needed, ["start", "shortest"]) ??
      shortened(deciding, ["start", "shortest", "initials"]) ??
      (deciding.length > 1 ? shortened(deciding, ["start", "shortest", "initials"], tightOf) : null);
    if (short) return short;
  }
  if (nShown) return withRoom(telling.slice(0, nShown));
  const first = telling?.[0];
  if (first) {
    const { from, to } = first;
    const start = best(from + FEWEST_LETTERS, to, (end) => partsOf([span(from, end)]));
    if (start) return start;
  }
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

  /** The same without dots at the ends, and with points between. */
  function tightOf(chosen: readonly Span[]): ShownSpan[] {
    const parts = partsOf(chosen).filter(({ from, to }) => to > from);
    return parts.map((part, i) => (i > 0 ? { ...part, isTight: true } : part));
  }

  /** All of some parts, as many as need be without their ends, then their units; null: no room. */
  function shortened(
    needed: readonly TellingPart[],
    forms: readonly ("start" | "shortest" | "initials")[],
    joined = partsOf,
  ): ShownSpan[] | null {
    for (const form of forms) {
      if (needed.length === 0 || !fits(joined(needed.map((part) => part[form])))) continue;
      // the parts that tell most have the room that is left
      const chosen: Span[] = needed.map((part) => part[form]);
      for (const [i, { from, to }] of needed.entries()) {
        const { from: start, to: least } = chosen[i]!;
        const withSpan = (at: Span) => joined(chosen.with(i, at));
        if (start > from && fits(withSpan({ from, to: least }))) chosen[i] = { from, to: least };
        const longest = largest(least, to, (end) => fits(withSpan(span(chosen[i]!.from, end))));
        if (longest !== null) chosen[i] = span(chosen[i]!.from, longest);
      }
      return joined(chosen);
    }
    return null;
  }

  /** The room that is left goes to the letters behind the first part that was cut there. */
  function withRoom(chosen: readonly Span[]): Span[] {
    const parts = partsOf(chosen);
    const [first, next] = parts as [Span, Span];
    // a letter or two before the dots would tell nothing, nor would a piece of what most names begin with
    const begin = telling?.find(({ from }) => from === 0);
    const least = first.to || (begin?.isCommon ? begin.to : FEWEST_LETTERS);
    return best(least, next.from - 1, (to) => [span(0, to), ...parts.slice(1)]) ?? parts;
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

/** Whether the shown part of a name has the beginnings of all its own parts. */
export function areOwnPartsShown(telling: readonly TellingPart[] | null, shown: readonly Span[]): boolean {
  return (telling ?? []).every(
    ({ isOwn, start }) => !isOwn || shown.some(({ from, to }) => from <= start.from && start.to <= to),
  );
}

/**
 * A name among others, or as much of it as has room. Where that is too little for what tells it from all others, it is told
 * from those that would read the same.
 */
export function fittingName(
  name: string,
  names: PartsOfNames,
  room: number,
  widthOf: (text: string) => number,
): string {
  const telling = tellingParts(name, names);
  const spans = cutName(name, telling, (parts) => widthOfParts(name, parts, widthOf) <= room);
  const text = textOfParts(name, spans);
  if (text === name || (telling && areDecidingShown(telling, spans))) return text;
  if (names.texts.size < 2 || names.texts.size > MOST_RIVALS) return text;
  const texts = textsOf(names, Math.floor(room), widthOf);
  const own = texts.get(name) ?? text;
  const rivals = [...names.texts].filter((other) => other === name || texts.get(other) === own);
  return rivals.length < 2 || rivals.length === names.texts.size
    ? text
    : fittingName(name, partsOfNames(rivals), room, widthOf);
}

/** All names as they are cut in some room; for the rooms of a list, which are few. */
function textsOf(
  names: PartsOfNames,
  room: number,
  widthOf: (text: string) => number,
): ReadonlyMap<string, string> {
  let texts = names.cuts.get(room);
  if (!texts) {
    if (names.cuts.size === MOST_ROOMS) names.cuts.clear();
    const cut = (name: string) =>
      cutName(name, tellingParts(name, names), (parts) => widthOfParts(name, parts, widthOf) <= room);
    texts = new Map([...names.texts].map((name) => [name, textOfParts(name, cut(name))]));
    names.cuts.set(room, texts);
  }
  return texts;
}

/** Whether a name reads unlike all others by what is shown of its parts. */
function areDecidingShown(telling: readonly TellingPart[], shown: readonly Span[]): boolean {
  return telling.every(
    ({ isDeciding, initials }) =>
      !isDeciding || shown.some(({ from, to }) => from <= initials.from && initials.to <= to),
  );
}

/** Width of a name's parts with what stands between them. */
export function widthOfParts(
  name: string,
  parts: readonly ShownSpan[],
  widthOf: (text: string) => number,
): number {
  return parts.reduce(
    (sum, part, i) => sum + widthOf(name.slice(part.from, part.to)) + (i > 0 ? widthOf(joint(part)) : 0),
    0,
  );
}

/** A name's parts as they are read. */
export function textOfParts(name: string, parts: readonly ShownSpan[]): string {
  return parts.map((part, i) => (i > 0 ? joint(part) : "") + name.slice(part.from, part.to)).join("");
}
