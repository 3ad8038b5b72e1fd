/**
 * Where a name is cut that does not fit: out of what it shares with its neighbours, not out of what tells it apart, and
 * between its parts, not inside a word or a number. Pure.
 */

import {
  FEWEST_LETTERS,
  hasPart,
  type PartsOfNames,
  partsOfNames,
  type Span,
  spansOfParts,
  type TellingPart,
  tellingParts,
  wholeLetter,
} from "./name-parts";

/** Letters of the end that stay of a name that is like no other, at most half of it. */
const TAIL = 9;

/** A name that is a number, which is cut as a word. */
const IS_NUMBER = /^\d+$/;

/** Among more names, those that would read the same are not searched for. */
const MOST_RIVALS = 300;
const MOST_ROOMS = 8;

/** A part of a name that is shown. */
export interface ShownSpan extends Span {
  /** A point, not dots, stands before it: all parts have no room else. */
  readonly isTight?: boolean;
}

/** The dots, or the point, before a part of a name that is shown. */
function joint({ isTight = false }: ShownSpan): string {
  return isTight ? "·" : "…";
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

/** A part of a name with less of it. */
type Form = "start" | "shortest" | "initials";

/**
 * The parts of a name that are shown, with dots between them.
 *
 * A part is shown whole or not at all. Only where those without which the name reads like another one have no room is a
 * word shown by its first letters, and a number without the letters before it; no number loses a digit.
 *
 * @param telling its parts, those first that stay longest; null: its beginning and its end stay
 * @param fits whether these parts and their dots have room
 */
export function cutName(
  name: string,
  telling: readonly TellingPart[] | null,
  fits: (parts: readonly ShownSpan[]) => boolean,
): readonly ShownSpan[] {
  const n = name.length;
  if (fits([{ from: 0, to: n }])) return [{ from: 0, to: n }];
  return (telling && cutByParts(telling)) ?? cutMiddle(spansOfParts(name)) ?? cutLetters();

  function cutByParts(telling: readonly TellingPart[]): readonly ShownSpan[] | null {
    const own = telling.filter(({ isOwn }) => isOwn);
    const needed = own.filter(({ isNeeded, isModel }) => isNeeded || isModel);
    const deciding = own.filter(({ isDeciding, isModel }) => isDeciding || isModel);
    const fewest = deciding.filter(({ isDeciding }) => isDeciding);
    const whole = [own, needed, deciding].find((parts) => parts.length > 0 && fits(partsOf(parts)));
    if (whole) return filled(whole, telling);
    const nFirst = largest(1, telling.length, (count) => fits(partsOf(telling.slice(0, count))));
    return (
      shortened(needed, "start") ??
      shortened(deciding, "start") ??
      shortened(needed, "shortest") ??
      shortened(deciding, "shortest") ??
      shortened(fewest, "start") ??
      shortened(fewest, "shortest") ??
      shortened(fewest, "initials") ??
      (fewest.length > 1
        ? (shortened(fewest, "start", tightOf) ??
          shortened(fewest, "shortest", tightOf) ??
          shortened(fewest, "initials", tightOf))
        : null) ??
      (nFirst ? filled(telling.slice(0, nFirst), telling) : null) ??
      startOf(telling[0])
    );
  }

  /** Some parts in the order of the name, each with what is between it and a neighbour; empty spans for dots at the ends. */
  function partsOf(chosen: readonly Span[]): Span[] {
    const parts: Span[] = [];
    for (const { from, to } of chosen.toSorted((a, b) => a.from - b.from)) {
      const last = parts.at(-1);
      if (last && !hasPart(name.slice(last.to, from))) parts.splice(-1, 1, { from: last.from, to });
      else parts.push({ from, to });
    }
    if (parts.length === 0 || hasPart(name.slice(0, parts[0]!.from))) parts.unshift({ from: 0, to: 0 });
    else parts[0] = { from: 0, to: parts[0]!.to };
    const last = parts.at(-1)!;
    if (last.to < n && hasPart(name.slice(last.to))) parts.push({ from: n, to: n });
    else parts[parts.length - 1] = { from: last.from, to: n };
    return parts;
  }

  /** The same without dots at the ends, and with points between. */
  function tightOf(chosen: readonly Span[]): ShownSpan[] {
    const parts = partsOf(chosen).filter(({ from, to }) => to > from);
    return parts.map((part, i) => (i > 0 ? { ...part, isTight: true } : part));
  }

  /** Some parts, and of the others those that have room, too. */
  function filled(chosen: readonly Span[], others: readonly Span[]): Span[] {
    const parts = [...chosen];
    for (const part of others) if (!parts.includes(part) && fits(partsOf([...parts, part]))) parts.push(part);
    return partsOf(parts);
  }

  /** One form of some parts, those whole that tell most and have the room; null: no room. */
  function shortened(parts: readonly TellingPart[], form: Form, joined = partsOf): ShownSpan[] | null {
    const chosen: Span[] = parts.map((part) => part[form]);
    if (chosen.length === 0 || !fits(joined(chosen))) return null;
    for (const [i, part] of parts.entries())
      for (const longer of [part, part.start, part.shortest])
        if (lengthOf(longer) > lengthOf(chosen[i]!) && fits(joined(chosen.with(i, longer))))
          chosen[i] = longer;
    return joined(chosen);
  }

  /** The first letters of a part, unless it is a number. */
  function startOf(part: TellingPart | undefined): Span[] | null {
    if (!part) return null;
    const end = largest(part.from + FEWEST_LETTERS, part.to, (to) =>
      fits(partsOf([lettersOf(part.from, to)])),
    );
    return end === null ? null : partsOf([lettersOf(part.from, end)]);
  }

  /** The first and the last parts; null: no room for one. */
  function cutMiddle(parts: readonly Span[]): Span[] | null {
    const last = parts.at(-1);
    if (parts.length < 2 || !last || !fits(partsOf([last]))) return null;
    const nTail = largest(1, parts.length - 1, (count) => n - parts.at(-count)!.from <= TAIL) ?? 1;
    const tail = [nTail, 1]
      .map((count) => parts.slice(-count))
      .find((own) => fits(partsOf([parts[0]!, ...own])));
    return filled(tail ?? [last], tail ? parts : parts.toReversed());
  }

  /** The first and the last letters. */
  function cutLetters(): Span[] {
    const tail = lettersOf(n - Math.min(TAIL, n >> 1), n);
    const withHead = (to: number) => [lettersOf(0, to), tail];
    const head = largest(1, tail.from - 1, (to) => fits(withHead(to)));
    if (head !== null) return withHead(head);
    const withTail = (count: number) => [{ from: 0, to: 0 }, lettersOf(n - count, n)];
    const count = largest(1, n - tail.from, (letters) => fits(withTail(letters)));
    return count === null ? withTail(0) : withTail(count);
  }

  /** Letters of the beginning or the end of a word, without a number that would lose digits. */
  function lettersOf(from: number, to: number): Span {
    let [first, end] = [wholeLetter(name, from), wholeLetter(name, to)];
    while (end > first && end < n && isInNumber(end)) end -= 1;
    while (first < end && first > 0 && isInNumber(first)) first += 1;
    return { from: first, to: end };
  }

  function isInNumber(at: number): boolean {
    return !IS_NUMBER.test(name) && /\d/.test(name[at - 1] ?? "") && /[\d.]/.test(name[at] ?? "");
  }
}

function lengthOf({ from, to }: Span): number {
  return to - from;
}

/** Whether the shown part of a name has the beginnings of all its own parts. */
export function areOwnPartsShown(telling: readonly TellingPart[] | null, shown: readonly Span[]): boolean {
  return (telling ?? []).every(
    ({ isOwn, start }) => !isOwn || shown.some(({ from, to }) => from <= start.from && start.to <= to),
  );
}

/** Whether the shown part of a name has each of its words whole or not at all. */
export function areWordsWhole(name: string, shown: readonly Span[]): boolean {
  return spansOfParts(name).every((part) =>
    shown.every(({ from, to }) => to <= part.from || part.to <= from || (from <= part.from && part.to <= to)),
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
