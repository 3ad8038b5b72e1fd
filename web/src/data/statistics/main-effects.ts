/**
 * The share of a tree's variance that each parameter explains by itself: functional ANOVA. Pure.
 *
 * Hutter, Hoos and Leyton-Brown, "An Efficient Approach for Assessing Hyperparameter Importance", ICML 2014. The
 * marginal of a parameter is the mean of the tree over all other parameters. Its variance, divided by the variance
 * of the tree, is the parameter's share. Parameters count as independent, each with the values that the runs have,
 * so a share does not depend on the scale of an axis.
 */

import type { Binned, Tree } from "./regression-tree";

/** The part of the runs in each bin of each parameter. */
export function binShares(features: readonly Binned[]): Float64Array[] {
  return features.map(({ nBins, bins }) => {
    const shares = new Float64Array(nBins);
    for (const bin of bins) shares[bin] = shares[bin]! + 1 / bins.length;
    return shares;
  });
}

/** The box of parameter values that one node of a tree is about. */
interface Box {
  /** By parameter: the bins inside; null: all. */
  readonly inside: (Uint8Array | null)[];
  /** By parameter: the part of the runs that is inside. */
  readonly parts: Float64Array;
}

/** One share for each parameter; null where the tree is constant. */
export function mainEffects(tree: Tree, shares: readonly Float64Array[]): Float64Array | null {
  const n = shares.length;
  const marginals = shares.map(({ length }) => new Float64Array(length));
  /** By parameter: what the leaves that it splits off add to the mean. */
  const split = new Float64Array(n);
  const box: Box = { inside: new Array(n).fill(null), parts: new Float64Array(n).fill(1) };
  let [mean, square] = [0, 0];

  const addLeaf = (value: number, volume: number) => {
    mean += value * volume;
    square += value * value * volume;
    for (let f = 0; f < n; f++) {
      const inside = box.inside[f];
      if (!inside) continue;
      split[f] = split[f]! + value * volume;
      const [marginal, added] = [marginals[f]!, (value * volume) / box.parts[f]!];
      for (let bin = 0; bin < inside.length; bin++)
        if (inside[bin] === 1) marginal[bin] = marginal[bin]! + added;
    }
  };
  const visit = (at: number, volume: number) => {
    const f = tree.feature[at]!;
    if (f < 0) {
      addLeaf(tree.mean[at]!, volume);
      return;
    }
    const [before, part] = [box.inside[f] ?? null, box.parts[f]!];
    for (const side of [1, 0] as const) {
      const lefts = tree.lefts[at]!;
      const inside = new Uint8Array(lefts.length);
      let within = 0;
      for (let bin = 0; bin < lefts.length; bin++)
        if (lefts[bin] === side && (before === null || before[bin] === 1)) {
          inside[bin] = 1;
          within += shares[f]![bin]!;
        }
      if (within === 0) continue;
      box.inside[f] = inside;
      box.parts[f] = within;
      visit(side === 1 ? tree.left[at]! : tree.right[at]!, (volume * within) / part);
    }
    box.inside[f] = before;
    box.parts[f] = part;
  };
  visit(0, 1);

  const variance = square - mean * mean;
  if (variance <= 1e-12 * square) return null;
  return Float64Array.from(marginals, (marginal, f) => {
    let sum = 0;
    for (let bin = 0; bin < marginal.length; bin++)
      sum += shares[f]![bin]! * (marginal[bin]! - split[f]!) ** 2;
    return sum / variance;
  });
}
