/**
 * A regression tree over binned parameters. Pure.
 *
 * Breiman, Friedman, Olshen and Stone, "Classification and Regression Trees", 1984. Categories are split in the order
 * of their mean target, which holds the best split (§4.2.2).
 */

const LEAF_RUNS = 3;
/** Of a few parameters each split tries all: a tree that may not split by the best one spreads its effect over others. */
const FEWEST_TRIED = 8;
/** Less than this is rounding. */
const LEAST_GAIN = 1e-12;

/** A parameter in bins: of a number in their order, 0 where it is missing; of a category one for each code. */
export interface Binned {
  readonly isCategory: boolean;
  readonly nBins: number;
  /** The bin of each run. */
  readonly bins: Uint16Array;
}

/** A tree as parallel arrays, the root first; a leaf has no `feature`. */
export interface Tree {
  readonly feature: number[];
  /** Bins that go left. */
  readonly lefts: (Uint8Array | null)[];
  readonly left: number[];
  readonly right: number[];
  readonly mean: number[];
}

interface Split {
  readonly feature: number;
  readonly lefts: Uint8Array;
  readonly gain: number;
}

/**
 * A tree over a sample of the runs; each split tries some of the parameters.
 *
 * @param pick a random number below its argument
 */
export function growTree(
  features: readonly Binned[],
  target: Float64Array,
  sample: Int32Array,
  pick: (count: number) => number,
): Tree {
  const tree: Tree = { feature: [], lefts: [], left: [], right: [], mean: [] };
  const nTried = Math.max(Math.min(features.length, FEWEST_TRIED), Math.ceil(features.length / 3));
  const all = Int32Array.from(features.keys());
  const scratch = scratchFor(features);
  const grow = (rows: Int32Array): number => {
    const at = tree.feature.length;
    const total = rows.reduce((sum, i) => sum + target[i]!, 0);
    tree.mean.push(total / rows.length);
    tree.feature.push(-1);
    tree.lefts.push(null);
    tree.left.push(-1);
    tree.right.push(-1);
    if (rows.length < 2 * LEAF_RUNS) return at;
    let best = null as Split | null;
    for (const f of shuffled(all, pick).subarray(0, nTried))
      best = bestSplit(features[f]!, f, target, rows, total, best?.gain ?? LEAST_GAIN, scratch) ?? best;
    if (!best) return at;
    const { feature, lefts } = best;
    const { bins } = features[feature]!;
    tree.feature[at] = feature;
    tree.lefts[at] = lefts;
    tree.left[at] = grow(rows.filter((i) => lefts[bins[i]!] === 1));
    tree.right[at] = grow(rows.filter((i) => lefts[bins[i]!] === 0));
    return at;
  };
  grow(sample);
  return tree;
}

/** Sums and counts by bin, made once: a forest looks at half a million splits. */
interface Scratch {
  readonly sums: Float64Array;
  readonly counts: Uint32Array;
  readonly order: Uint16Array;
}

function scratchFor(features: readonly Binned[]): Scratch {
  const most = features.reduce((most, { nBins }) => Math.max(most, nBins), 1);
  return { sums: new Float64Array(most), counts: new Uint32Array(most), order: new Uint16Array(most) };
}

/** The split that leaves the least squared error; null where no split tells more than `least`. */
function bestSplit(
  { isCategory, nBins, bins }: Binned,
  feature: number,
  target: Float64Array,
  rows: Int32Array,
  total: number,
  least: number,
  { sums, counts, order }: Scratch,
): Split | null {
  sums.fill(0, 0, nBins);
  counts.fill(0, 0, nBins);
  for (let k = 0; k < rows.length; k++) {
    const bin = bins[rows[k]!]!;
    sums[bin] = sums[bin]! + target[rows[k]!]!;
    counts[bin] = counts[bin]! + 1;
  }
  let nFilled = 0;
  for (let bin = 0; bin < nBins; bin++) if (counts[bin]! > 0) order[nFilled++] = bin;
  const filled = order.subarray(0, nFilled);
  if (isCategory) filled.sort((a, b) => sums[a]! / counts[a]! - sums[b]! / counts[b]!);
  const n = rows.length;
  let [left, nLeft, gain, at] = [0, 0, least, -1];
  for (let k = 0; k + 1 < nFilled; k++) {
    left += sums[filled[k]!]!;
    nLeft += counts[filled[k]!]!;
    if (nLeft < LEAF_RUNS || n - nLeft < LEAF_RUNS) continue;
    const right = total - left;
    const gainAt = (left * left) / nLeft + (right * right) / (n - nLeft) - (total * total) / n;
    if (gainAt > gain) [gain, at] = [gainAt, k];
  }
  if (at < 0) return null;
  const lefts = new Uint8Array(nBins);
  // an empty bin of a number goes with the next filled one above it, and of a category to the right
  if (isCategory) for (const bin of filled.subarray(0, at + 1)) lefts[bin] = 1;
  else lefts.fill(1, 0, filled[at]! + 1);
  return { feature, lefts, gain };
}

/** Prediction of the tree for run `i`, where feature `swapped` has the value of run `other`. */
export function predict(
  tree: Tree,
  features: readonly Binned[],
  i: number,
  swapped: number,
  other: number,
): number {
  let at = 0;
  for (;;) {
    const f = tree.feature[at]!;
    if (f < 0) return tree.mean[at]!;
    const bin = features[f]!.bins[f === swapped ? other : i]!;
    at = tree.lefts[at]![bin] === 1 ? tree.left[at]! : tree.right[at]!;
  }
}

export function shuffled(values: Int32Array, pick: (count: number) => number): Int32Array {
  const out = values.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}
