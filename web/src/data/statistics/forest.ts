/**
 * A random forest of regression trees, and how much each parameter matters to it. Pure.
 *
 * Breiman, "Random Forests", Machine Learning 45 (2001): trees on bootstrap samples, a third of the parameters
 * tried at each split, importance by permutation: how much the squared error of runs that a tree has not seen
 * grows when one parameter's values are shuffled among them. Categories are split in the order of their mean
 * target, which holds the best split (Breiman et al., "Classification and Regression Trees", 1984, §4.2.2).
 */

/** One parameter of all runs. Of a category `values` are codes from 0; a missing number is NaN. */
export interface Feature {
  readonly isCategory: boolean;
  readonly values: Float64Array;
}

export interface Importance {
  /** Of each feature; all together 1, or all 0 where none matters. */
  readonly shares: readonly number[];
  /** The part of the target's variance that the forest tells of runs it has not seen; negative: worse than the mean. */
  readonly r2: number;
}

const TREES = 100;
const LEAF_RUNS = 3;
/** Numbers are split between so many quantiles; fewer different ones between each two. */
const BINS = 64;
/** Less than this is rounding. */
const LEAST_GAIN = 1e-12;
/** The same question gives the same answer. */
const SEED = 20_001;

/** A parameter in bins: of a number in their order, 0 where it is missing; of a category one for each code. */
interface Binned {
  readonly isCategory: boolean;
  readonly nBins: number;
  /** The bin of each run. */
  readonly bins: Uint16Array;
}

/** A tree as parallel arrays, the root first; a leaf has no `feature`. */
interface Tree {
  readonly feature: number[];
  /** Which bins go left. */
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
 * How much each feature matters for `target`, all of one length, all targets finite.
 *
 * Cost: O(trees · depth · tried · n), below a second for 1,000 runs of 50 parameters.
 */
export function forestImportance(features: readonly Feature[], target: Float64Array): Importance {
  const n = target.length;
  const binned = features.map(binsOf);
  const random = generator(SEED);
  const pick = (count: number) => Math.floor(random() * count);
  const added = new Float64Array(features.length);
  const told = new Float64Array(n);
  const tellers = new Uint16Array(n);
  for (let t = 0; t < TREES; t++) {
    const isSeen = new Uint8Array(n);
    const sample = Int32Array.from({ length: n }, () => {
      const i = pick(n);
      isSeen[i] = 1;
      return i;
    });
    const unseen = Int32Array.from(isSeen.keys()).filter((i) => isSeen[i] === 0);
    const tree = growTree(binned, target, sample, pick);
    const error = errorOf(tree, binned, target, unseen, -1, unseen);
    for (const i of unseen) {
      told[i] = told[i]! + predict(tree, binned, i, -1, i);
      tellers[i] = tellers[i]! + 1;
    }
    const used = new Set(tree.feature);
    for (let f = 0; f < features.length; f++) {
      if (!used.has(f) || unseen.length === 0) continue;
      added[f] = added[f]! + errorOf(tree, binned, target, unseen, f, shuffled(unseen, pick)) - error;
    }
  }
  const positive = Array.from(added, (v) => Math.max(0, v));
  const sum = positive.reduce((a, b) => a + b, 0);
  return { shares: positive.map((v) => (sum > 0 ? v / sum : 0)), r2: r2Of(target, told, tellers) };
}

function binsOf({ isCategory, values }: Feature): Binned {
  if (isCategory) {
    const bins = Uint16Array.from(values);
    return { isCategory, nBins: bins.reduce((most, bin) => Math.max(most, bin), 0) + 1, bins };
  }
  const known = values.filter((v) => !Number.isNaN(v)).sort();
  const distinct = known.filter((v, i) => i === 0 || v !== known[i - 1]);
  const quantile = (part: number) => known[Math.min(known.length - 1, Math.floor(part * known.length))]!;
  // what is not larger than an edge lies below it
  const edges =
    distinct.length <= BINS
      ? distinct
      : Float64Array.from({ length: BINS }, (_, i) => quantile((i + 1) / BINS)).filter(
          (v, i, all) => i === 0 || v !== all[i - 1],
        );
  const bins = Uint16Array.from(values, (v) => (Number.isNaN(v) ? 0 : placeIn(edges, v) + 1));
  return { isCategory, nBins: edges.length + 1, bins };
}

/** The first edge that is not below `v`. */
function placeIn(edges: Float64Array, v: number): number {
  let lo = 0;
  let hi = edges.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (edges[middle]! < v) lo = middle + 1;
    else hi = middle;
  }
  return lo;
}

function growTree(
  features: readonly Binned[],
  target: Float64Array,
  sample: Int32Array,
  pick: (count: number) => number,
): Tree {
  const tree: Tree = { feature: [], lefts: [], left: [], right: [], mean: [] };
  const nTried = Math.max(1, Math.ceil(features.length / 3));
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
    const here = (left * left) / nLeft + (right * right) / (n - nLeft) - (total * total) / n;
    if (here > gain) [gain, at] = [here, k];
  }
  if (at < 0) return null;
  const lefts = new Uint8Array(nBins);
  // bins that no run here is in go where their neighbours below go
  if (isCategory) for (const bin of filled.subarray(0, at + 1)) lefts[bin] = 1;
  else lefts.fill(1, 0, filled[at]! + 1);
  return { feature, lefts, gain };
}

/** What the tree says of run `i`, where feature `swapped` has the value of run `other`. */
function predict(tree: Tree, features: readonly Binned[], i: number, swapped: number, other: number): number {
  let at = 0;
  for (;;) {
    const f = tree.feature[at]!;
    if (f < 0) return tree.mean[at]!;
    const bin = features[f]!.bins[f === swapped ? other : i]!;
    at = tree.lefts[at]![bin] === 1 ? tree.left[at]! : tree.right[at]!;
  }
}

function errorOf(
  tree: Tree,
  features: readonly Binned[],
  target: Float64Array,
  rows: Int32Array,
  swapped: number,
  others: Int32Array,
): number {
  let sum = 0;
  for (let k = 0; k < rows.length; k++)
    sum += (predict(tree, features, rows[k]!, swapped, others[k]!) - target[rows[k]!]!) ** 2;
  return rows.length > 0 ? sum / rows.length : 0;
}

function r2Of(target: Float64Array, told: Float64Array, tellers: Uint16Array): number {
  const seen = Array.from(target.keys()).filter((i) => tellers[i]! > 0);
  const mean = seen.reduce((sum, i) => sum + target[i]!, 0) / Math.max(1, seen.length);
  let [left, all] = [0, 0];
  for (const i of seen) {
    left += (target[i]! - told[i]! / tellers[i]!) ** 2;
    all += (target[i]! - mean) ** 2;
  }
  return all > 0 ? 1 - left / all : 0;
}

function shuffled(values: Int32Array, pick: (count: number) => number): Int32Array {
  const out = values.slice();
  for (let i = out.length - 1; i > 0; i--) {
    const j = pick(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

/** Numbers from 0 to below 1 (the generator "mulberry32"). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
