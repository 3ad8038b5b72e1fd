/**
 * The room of a legend above a chart: how many lines, how wide a name may be, and how many names are told. Pure.
 */

/** Px of the parts of an entry, as panel.css sets them: swatch, gap, and the gap after it. */
const ENTRY_PX = 12 + 5 + 10;
const MORE_PX = 34;
const SIDE_PX = 24;
/** A name wider than this loses what it shares with the others, px: rather than a name, its length is left out. */
const NAME_PX = [160, 110, 62] as const;

export interface LegendFit {
  readonly nLines: 1 | 2;
  readonly namePx: number;
  /** Entries that are told; the others are in the list behind the button at the end. */
  readonly n: number;
}

/** @param widths of the names, px; `width` of the panel, px */
export function fitLegend(widths: readonly number[], width: number): LegendFit {
  const fits = NAME_PX.map((namePx) => ({ namePx, n: countFitting(widths, width, 2, namePx) }));
  const [widest] = fits;
  if (countFitting(widths, width, 1, widest!.namePx) === widths.length)
    return { nLines: 1, namePx: widest!.namePx, n: widths.length };
  return { nLines: 2, ...(fits.find(({ n }) => n === widths.length) ?? fits.at(-1)!) };
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
