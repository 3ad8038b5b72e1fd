/** A metric's histograms over steps as a map of cells: counts on common bins. Pure. */

/** A histogram at an x. */
export interface HistogramAt {
  readonly x: number;
  /** One more than counts, ascending. */
  readonly edges: readonly number[];
  readonly counts: readonly number[];
  /** Values that have no bin. */
  readonly nNonfinite: number;
}

/** One column of cells, from the bucket's beginning to its end. */
interface HeatColumn {
  readonly from: number;
  readonly to: number;
  /** By bin, the lowest first. */
  readonly cells: Float64Array;
  readonly source: HistogramAt;
}

export interface HeatMap {
  readonly lo: number;
  readonly hi: number;
  readonly nBins: number;
  readonly columns: readonly HeatColumn[];
  /** Of all cells; at least 1. */
  readonly most: number;
}

export interface HistogramBucket extends HistogramAt {
  /** The range of x that it stands for. */
  readonly from: number;
  readonly to: number;
}

/** Widths of a single column that stay free at both its sides. */
const ROOM_OF_ONE = 7;

/**
 * The ranges of x that columns stand for: half-way to their neighbours, so that rare histograms leave no gaps. The first
 * begins, and the last ends, at its own x: nothing was logged beyond.
 */
export function columnRanges(xs: readonly number[]): readonly (readonly [number, number])[] {
  if (xs.length === 1) return [[xs[0]! - 0.5, xs[0]! + 0.5]];
  const between = (i: number) => (xs[i]! + xs[i + 1]!) / 2;
  return xs.map((x, i) => [i > 0 ? between(i - 1) : x, i < xs.length - 1 ? between(i) : x]);
}

/** The x axis under columns: from the first to the last; around a single one room, as it stands for no range. */
export function heatRange(columns: readonly Pick<HeatColumn, "from" | "to">[]): readonly [number, number] {
  const [first, last] = [columns[0], columns[columns.length - 1]];
  if (!first || !last) return [0, 1];
  const room = columns.length === 1 ? (first.to - first.from) * ROOM_OF_ONE : 0;
  return [first.from - room, last.to + room];
}

/** Null where there is no histogram. */
export function layOutHeatMap(buckets: readonly HistogramBucket[], nBins: number): HeatMap | null {
  const filled = buckets.filter((bucket) => bucket.counts.some((n) => n > 0));
  if (filled.length === 0) return null;
  const lo = Math.min(...filled.map((bucket) => bucket.edges[0]!));
  const hi = Math.max(...filled.map((bucket) => bucket.edges[bucket.edges.length - 1]!));
  const columns = buckets.map((bucket) => ({
    from: bucket.from,
    to: bucket.to,
    cells: rebinned(bucket, lo, hi, nBins),
    source: bucket,
  }));
  const most = columns.reduce((most, column) => column.cells.reduce((a, b) => Math.max(a, b), most), 0);
  return { lo, hi, nBins, columns, most: Math.max(1, most) };
}

/**
 * The counts of a histogram on `nBins` equal bins over `[lo, hi]`. A bin that lies across an edge counts in
 * both by its length, as if its values were spread evenly; the sum stays the same.
 */
export function rebinned(
  { edges, counts }: HistogramAt,
  lo: number,
  hi: number,
  nBins: number,
): Float64Array {
  const cells = new Float64Array(nBins);
  const width = (hi - lo) / nBins;
  for (let i = 0; i < counts.length; i++) {
    const [from, to] = [edges[i]!, edges[i + 1]!];
    if (counts[i] === 0) continue;
    const first = Math.max(0, Math.min(nBins - 1, Math.floor((from - lo) / width)));
    const last = Math.max(first, Math.min(nBins - 1, Math.ceil((to - lo) / width) - 1));
    for (let cell = first; cell <= last; cell++) {
      const start = Math.max(from, lo + cell * width);
      const end = Math.min(to, lo + (cell + 1) * width);
      const part = first === last ? 1 : Math.max(0, end - start) / (to - from);
      cells[cell] = cells[cell]! + counts[i]! * part;
    }
  }
  return cells;
}

/** Opacity of a cell, 0 to 1: by the logarithm of its count, as a few values matter, too. */
export function strengthOf(count: number, most: number): number {
  return count <= 0 ? 0 : Math.log1p(count) / Math.log1p(most);
}

/** The column nearest to an x; -1: there is none. */
export function columnAt({ columns }: HeatMap, x: number): number {
  let best = -1;
  let least = Infinity;
  for (const [i, { from, to }] of columns.entries()) {
    if (x >= from && x < to) return i;
    const distance = x < from ? from - x : x - to;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
