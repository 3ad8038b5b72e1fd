/**
 * The parts of names that stand together, and how much each tells: those that a cut name shows first.
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
  /** All names of the family have it at their beginning, and many others begin otherwise. */
  readonly isModel: boolean;
  /** All parts in it, if there are few; of a part that all names of the family have, with those of the other families. */
  readonly values: readonly string[];
}

/** Letters before dots at least. */
export const FEWEST_LETTERS = 3;

/** Among more parts none is shortened: it would have to be compared with all of them. */
const MOST_COMPARED = 100;

/** The part of names that begin otherwise from which on a common beginning of the rest tells something. */
const MANY_UNLIKE = 0.2;

/** A part of a name between separators; the sign in `2e-5` and the point in `0.5` do not separate. */
const PART = /(?:\de-\d|\.(?=\d)|[^-_/ ,:=|.])+/g;
const HAS_PART = new RegExp(PART.source);

/** A number, or one behind its unit: `seed0`, `lr1e-3`, `resnet50`; not `walker2d`. */
const ENDS_IN_NUMBER = /\d[\d.e+-]*$/;

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

/** The parts of a name between its separators. */
export function spansOfParts(name: string): readonly Span[] {
  return [...name.matchAll(PART)].map(({ 0: text, index }) => ({ from: index, to: index + text.length }));
}

/** Whether a text between two parts of a name is one, too. */
export function hasPart(text: string): boolean {
  return HAS_PART.test(text);
}

/** A part of a name, and what is left of it where there is no room for all parts that are needed. */
export interface TellingPart extends Span {
  readonly isNeeded: boolean;
  /** It differs among names and goes with no needed part, even where that tells the names apart: a size next to seeds. */
  readonly isOwn: boolean;
  /** The common beginning of its family, where many other names have another one: the units of other parts make room for it. */
  readonly isModel: boolean;
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
  const spans = spansOfParts(name.slice(0, markFrom));
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
    ...order.map(({ index, isNeeded, isOwn, isModel, values }) => {
      const { from, to } = spans[index]!;
      const start = { from, to: from + uniqueLength(parts[index]!, values) };
      const unit = from + unitLength(parts[index]!, values);
      return {
        from,
        to,
        isNeeded,
        isOwn,
        isModel,
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
  const flags = { isNeeded: true, isOwn: true, isModel: false, isCommon: false, isDeciding: true };
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

/** The number of first letters that tell a part from the others: all of one that ends in a number. */
function uniqueLength(part: string, values: readonly string[], fewest = FEWEST_LETTERS): number {
  if (values.length < 2 || ENDS_IN_NUMBER.test(part)) return part.length;
  const others = values.filter((value) => value !== part);
  // a number is not cut: 1 would be read for 13
  const digit = part.search(/\d/);
  const longest = digit < 0 ? part.length - 1 : digit;
  for (let n = fewest; n <= longest; n++)
    if (!others.some((other) => other.startsWith(part.slice(0, n)))) return wholeLetter(part, n);
  return part.length;
}

/** The position of a letter that takes two units, where it would be cut in two. */
export function wholeLetter(name: string, at: number): number {
  const unit = name.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
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
  // all parts are their names' own, or all names'
  if (nNames < 2 || shares.every((share) => share === 1) || shares.every((share) => share === nNames))
    return null;
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
  const isModel = (column: number) => column === 0 && beginsLikeFew(family, others);
  const isOwn = (column: number) =>
    isModel(column) ||
    (family.some((parts) => parts[column] !== family[0]![column]) &&
      !sorted.some((needed) => needed !== column && doesTell(family, needed, column)));
  const rank = (column: number) => (isOwn(column) ? 0 : 2 * shares[column]! > nNames ? 2 : 1);
  return [...sorted, ...left.toSorted((a, b) => rank(a) - rank(b))].map((index) => {
    const isNeeded = sorted.includes(index);
    const own = new Set(family.map((parts) => parts[index]!));
    const values = [...(isNeeded && own.size === 1 ? new Set([...own, ...others.flat()]) : own)];
    return {
      index,
      isNeeded,
      isOwn: isNeeded || isOwn(index),
      isModel: isModel(index),
      values: values.length > MOST_COMPARED ? [] : values,
    };
  });
}

/** Whether all names of a family begin alike, as with a model, and many others begin otherwise. */
function beginsLikeFew(
  family: readonly (readonly string[])[],
  others: readonly (readonly string[])[],
): boolean {
  const begin = family[0]![0];
  const nUnlike = others.filter(([first]) => first !== begin).length;
  return (
    family.every(([first]) => first === begin) && nUnlike >= MANY_UNLIKE * (family.length + others.length)
  );
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
