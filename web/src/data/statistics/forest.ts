/**
 * A random forest of regression trees, and how much each parameter matters to it, by two measures. Pure.
 *
 * Breiman, "Random Forests", Machine Learning 45 (2001): trees on bootstrap samples, a third of the parameters,
 * but at least eight, tried at each split, importance by permutation: how much the squared error of runs that a tree has not seen
 * grows when one parameter's values are shuffled among them, and by the variance that one parameter explains by itself
 * (main-effects.ts).
 */

import { binShares, mainEffects } from "./main-effects";
import { type Binned, growTree, predict, shuffled, type Tree } from "./regression-tree";

/** One parameter of all runs. Of a category `values` are codes from 0; a missing number is NaN. */
export interface Feature {
  readonly isCategory: boolean;
  readonly values: Float64Array;
}

export interface Importance {
  /** By permutation, of each feature; all together 1, or all 0 where none matters. */
  readonly permutation: readonly number[];
  /** The part of the forest's variance that each feature explains by itself; together at most 1. */
  readonly variance: readonly number[];
  /** The part of the target's variance that the forest tells of runs it has not seen; negative: worse than the mean. */
  readonly r2: number;
}

const TREES = 100;
/**
 * A tree grows from so many draws and is judged by so many runs it has not seen: more tell hardly more, and the
 * page of a sweep of 10,000 runs waits for the answer. All runs take part, each in some of the trees.
 */
const MOST_DRAWN = 1024;
const MOST_JUDGED = 512;
/** Numbers are split between so many quantiles; fewer different ones between each two. */
const BINS = 64;
/** The same question gives the same answer. */
const SEED = 20_001;

/**
 * Importance of each feature for `target`, all of one length, all targets finite.
 *
 * Cost: O(trees · depth · tried · n), with n at most `MOST_DRAWN`; below a second for 1,000 runs of 50 parameters.
 */
export function forestImportance(features: readonly Feature[], target: Float64Array): Importance {
  const n = target.length;
  const binned = features.map(binsOf);
  const random = generator(SEED);
  const pick = (count: number) => Math.floor(random() * count);
  const added = new Float64Array(features.length);
  const shares = binShares(binned);
  const effects = new Float64Array(features.length);
  let nTelling = 0;
  const predicted = new Float64Array(n);
  const tellers = new Uint16Array(n);
  for (let t = 0; t < TREES; t++) {
    const isSeen = new Uint8Array(n);
    const sample = new Int32Array(Math.min(n, MOST_DRAWN));
    for (let k = 0; k < sample.length; k++) {
      sample[k] = pick(n);
      isSeen[sample[k]!] = 1;
    }
    const unseen = unseenOf(isSeen, pick);
    const tree = growTree(binned, target, sample, pick);
    const mains = mainEffects(tree, shares);
    if (mains) {
      nTelling += 1;
      for (const [f, share] of mains.entries()) effects[f] = effects[f]! + share;
    }
    const error = errorOf(tree, binned, target, unseen, -1, unseen);
    for (const i of unseen) {
      predicted[i] = predicted[i]! + predict(tree, binned, i, -1, i);
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
  return {
    permutation: positive.map((v) => (sum > 0 ? v / sum : 0)),
    variance: Array.from(effects, (v) => (nTelling > 0 ? v / nTelling : 0)),
    r2: r2Of(target, predicted, tellers),
  };
}

/** The rows that a tree has not seen: all, or of many some. Marks these as seen. */
function unseenOf(isSeen: Uint8Array, pick: (count: number) => number): Int32Array {
  const n = isSeen.length;
  if (n <= MOST_DRAWN + MOST_JUDGED) return Int32Array.from(isSeen.keys()).filter((i) => isSeen[i] === 0);
  const unseen = new Int32Array(MOST_JUDGED);
  for (let k = 0; k < MOST_JUDGED; ) {
    const i = pick(n);
    if (isSeen[i] === 1) continue;
    isSeen[i] = 1;
    unseen[k++] = i;
  }
  return unseen;
}

function binsOf({ isCategory, values }: Feature): Binned {
  if (isCategory) {
    const bins = Uint16Array.from(values);
    return { isCategory, nBins: bins.reduce((most, bin) => Math.max(most, bin), 0) + 1, bins };
  }
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const distinct = sorted.filter((v, i) => i === 0 || v !== sorted[i - 1]);
  const quantile = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]!;
  // what is not larger than an edge lies below it
  const edges =
    distinct.length <= BINS
      ? distinct
      : Float64Array.from({ length: BINS }, (_, i) => quantile((i + 1) / BINS)).filter(
          (v, i, all) => i === 0 || v !== all[i - 1],
        );
  const bins = Uint16Array.from(values, (v) => (Number.isNaN(v) ? 0 : binOf(edges, v) + 1));
  return { isCategory, nBins: edges.length + 1, bins };
}

/** The first edge that is not below `v`. */
function binOf(edges: Float64Array, v: number): number {
  let lo = 0;
  let hi = edges.length - 1;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (edges[middle]! < v) lo = middle + 1;
    else hi = middle;
  }
  return lo;
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

function r2Of(target: Float64Array, predicted: Float64Array, tellers: Uint16Array): number {
  const seen = Array.from(target.keys()).filter((i) => tellers[i]! > 0);
  const mean = seen.reduce((sum, i) => sum + target[i]!, 0) / Math.max(1, seen.length);
  let [left, all] = [0, 0];
  for (const i of seen) {
    left += (target[i]! - predicted[i]! / tellers[i]!) ** 2;
    all += (target[i]! - mean) ** 2;
  }
  return all > 0 ? 1 - left / all : 0;
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
