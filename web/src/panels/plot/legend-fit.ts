/**
 * The room of a legend above a chart: how many lines, how wide a name may be, and how many names are told. Pure.
 *
 * Names are cut where they do not fit, but each keeps what differs among them, and no two are cut to the same text: they
 * get more room, and others go to the list behind the button at the end.
 */

import { areOwnPartsShown, areWordsWhole, cutName, textOfParts, widthOfParts } from "@/data/text/name-cut";
import { type PartsOfNames, tellingParts } from "@/data/text/name-parts";

/** Px of the parts of an entry, as panel.css sets them: swatch, gap, and the gap after it. */
const ENTRY_PX = 12 + 5 + 10;
const MORE_PX = 34;
const SIDE_PX = 24;
/** A name wider than this loses what it shares with the others, px: rather than a name, its length is left out. */
const NAME_PX = [160, 110, 62] as const;
/** Three long names have a line each: `+1` would take as much of one. */
const MOST_LINES = 3;
/** The part of a name's letters from which on it reads as a name, not as pieces of one. */
const MOSTLY = 0.4;

export interface LegendFit {
  readonly nLines: 1 | 2 | typeof MOST_LINES;
  /** Of each entry that is told; the others are in the list behind the button at the end. */
  readonly namesPx: readonly number[];
}

/** Width of a text, px. */
export type Measure = (text: string) => number;

/**
 * @param parts the names that these are told from
 * @param width of the panel, px
 */
export function fitLegend(
  names: readonly string[],
  parts: PartsOfNames,
  measure: Measure,
  width: number,
): LegendFit {
  const widths = names.map((name) => Math.ceil(measure(name)));
  const rowPx = Math.max(NAME_PX[2], width - SIDE_PX - ENTRY_PX - MORE_PX);
  const { nLines, namePx: least, n } = linesOf(names, widths, { parts, measure, width, rowPx });
  const namePx = grown(widths, { nLines, namePx: least, n }, width, rowPx);
  return { nLines, namesPx: roomsOf(widths, n, width, namePx) };
}

interface Lines extends Pick<LegendFit, "nLines"> {
  readonly namePx: number;
  /** Entries that are told. */
  readonly n: number;
}

/** The most room of a name with which as many fit into as many lines. */
function grown(
  widths: readonly number[],
  { nLines, namePx, n }: Lines,
  width: number,
  rowPx: number,
): number {
  let [least, most] = [
    namePx,
    Math.min(rowPx, Math.max(namePx, ...widths.slice(0, n).map((own) => own + 1))),
  ];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (countFitting(widths, width, nLines, middle) >= n) least = middle;
    else most = middle - 1;
  }
  return least;
}

/** The room of the first `n` names: those of a line share what it has, and a short one leaves its share to the others. */
function roomsOf(widths: readonly number[], n: number, width: number, namePx: number): number[] {
  const lines: number[][] = [];
  let used = width;
  for (const own of widths.slice(0, n)) {
    const entry = Math.min(own, namePx) + ENTRY_PX;
    if (used + entry > width) {
      lines.push([]);
      used = SIDE_PX;
    }
    used += entry;
    lines.at(-1)!.push(own + 1);
  }
  return lines.flatMap((line, i) => {
    const morePx = i === lines.length - 1 && n < widths.length ? MORE_PX : 0;
    return shared(line, Math.max(namePx, width - SIDE_PX - line.length * ENTRY_PX - morePx));
  });
}

/** Some widths, of which the widest are as wide as one another where all have too little room. */
function shared(widths: readonly number[], room: number): number[] {
  let left = room;
  const sorted = widths.toSorted((a, b) => a - b);
  for (const [i, own] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - i));
    if (own > share) return widths.map((px) => Math.min(px, share));
    left -= own;
  }
  return [...widths];
}

interface LegendRoom {
  readonly parts: PartsOfNames;
  readonly measure: Measure;
  readonly width: number;
  /** Of the only name of a line. */
  readonly rowPx: number;
}

function linesOf(
  names: readonly string[],
  widths: readonly number[],
  { parts, measure, width, rowPx }: LegendRoom,
): Lines {
  const [widest] = NAME_PX;
  // of few names in a wide panel none is cut
  const wholePx = Math.min(rowPx, Math.max(widest, ...widths.map((own) => own + 1)));
  const areWhole = widths.every((own) => own < wholePx);
  if ((areWhole || names.length === 1) && countFitting(widths, width, 1, wholePx) === names.length)
    return { nLines: 1, namePx: wholePx, n: names.length };
  const fits = [rowPx, wholePx, ...NAME_PX].map((namePx) => ({
    namePx,
    n: countFitting(widths, width, 2, namePx),
  }));
  const cuts = fits.map(({ namePx, n }) => ({
    namePx,
    n,
    ...cutNames(names.slice(0, n), parts, measure, namePx),
  }));
  const all = cuts.slice(1).filter(({ n }) => n === names.length);
  const best =
    all.find(({ areClear, areMostly }) => areClear && areMostly) ??
    cuts.findLast(({ areClear, areMostly }) => areClear && areMostly) ??
    cuts.findLast(({ areApart, areMostly }) => areApart && areMostly) ??
    all.find(({ areClear }) => areClear) ??
    cuts.findLast(({ areClear }) => areClear) ??
    all.find(({ areApart }) => areApart) ??
    cuts.find(({ areApart }) => areApart);
  const linePx = rowPx + MORE_PX;
  if (
    names.length === MOST_LINES &&
    (best?.n ?? 0) < names.length &&
    areToldApart(names, parts, measure, linePx)
  )
    return { nLines: MOST_LINES, namePx: linePx, n: names.length };
  if (best) {
    // no narrower than as many names need
    const isAsGood = (cut: NamesCut) => cut.areClear === best.areClear && cut.areMostly === best.areMostly;
    const widestFit = cuts.find((cut) => cut.n >= best.n && isAsGood(cut)) ?? best;
    return { nLines: 2, namePx: widestFit.namePx, n: best.n };
  }
  let n = fits[0]!.n;
  while (n > 1 && !areToldApart(names.slice(0, n), parts, measure, rowPx)) n -= 1;
  return { nLines: 2, namePx: rowPx, n };
}

/** Whether the names, each cut to fit into `namePx`, are as many texts as names. */
export function areToldApart(
  names: readonly string[],
  parts: PartsOfNames,
  measure: Measure,
  namePx: number,
): boolean {
  return cutNames(names, parts, measure, namePx).areApart;
}

interface NamesCut {
  /** They are as many texts as names. */
  readonly areApart: boolean;
  /** So they are, and each has all that differs among them. */
  readonly areClear: boolean;
  /** Of each, more than pieces is shown, and no part of a word. */
  readonly areMostly: boolean;
}

/** The rest of names, each cut to fit into `namePx`. */
function cutNames(names: readonly string[], parts: PartsOfNames, measure: Measure, namePx: number): NamesCut {
  const shown = new Set(names);
  const texts = new Set<string>();
  let [areClear, areMostly] = [true, true];
  for (const name of shown) {
    const telling = tellingParts(name, parts);
    // the page measures in parts of a px
    const spans = cutName(name, telling, (spans) => widthOfParts(name, spans, measure) < namePx);
    texts.add(textOfParts(name, spans));
    areClear &&= areOwnPartsShown(telling, spans);
    const nLetters = spans.reduce((sum, { from, to }) => sum + to - from, 0);
    areMostly &&= areWordsWhole(name, spans) && nLetters >= MOSTLY * name.length;
  }
  const areApart = texts.size === shown.size;
  return { areApart, areClear: areApart && areClear, areMostly };
}

/** Number of entries that fit in so many lines: at least one, and with room for `+n` at the end when some are left. */
function countFitting(widths: readonly number[], width: number, nLines: number, namePx: number): number {
  let line = 1;
  let used = SIDE_PX;
  for (const [i, own] of widths.entries()) {
    const entry = Math.min(own, namePx) + ENTRY_PX;
    if (used + entry > width && used > SIDE_PX && line < nLines) {
      line += 1;
      used = SIDE_PX;
    }
    used += entry;
    const isLast = i === widths.length - 1;
    if (line === nLines && used > width - (isLast ? 0 : MORE_PX)) return Math.max(1, i);
  }
  return widths.length;
}
