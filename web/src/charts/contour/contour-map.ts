/**
 * A map of a result over two parameters, averaged from the runs near each place. Pure.
 *
 * Nadaraya and Watson, 1964: the value of a place is the mean of all results, each weighted by a Gaussian of its
 * distance. Runs are counted at the nodes of a grid first, so 10,000 runs cost what 100 do. Between categories there
 * is no distance: each is averaged by itself. Where no run is near, the map has no value.
 */

export interface ContourPoint {
  /** Places on the axes, 0 to 1; of a category the middle of its column. */
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

export interface ContourMap {
  readonly nx: number;
  readonly ny: number;
  /** Whether the axis has categories side by side. */
  readonly hasLevelsX: boolean;
  readonly hasLevelsY: boolean;
  /** By node, row by row from below: the weighted sum of the results, and the sum of the weights. */
  readonly sums: Float64Array;
  readonly weights: Float64Array;
  /** The Gaussian's standard deviation as a part of an axis. */
  readonly width: number;
}

const NODES = 64;
const WIDEST = 0.1;
const NARROWEST = 0.03;
/** Weight of a single run at twice the width: farther away is blank. */
const LEAST_WEIGHT = Math.exp(-2);

/** @param levelsX how many categories the axis has; null: it has numbers */
export function contourMap(
  points: readonly ContourPoint[],
  levelsX: number | null,
  levelsY: number | null,
): ContourMap {
  const [nx, ny] = [levelsX ?? NODES, levelsY ?? NODES];
  // the rate at which the best width of a kernel over two numbers shrinks
  const width = Math.max(NARROWEST, Math.min(WIDEST, 0.2 * Math.max(1, points.length) ** (-1 / 6)));
  const sums = new Float64Array(nx * ny);
  const weights = new Float64Array(nx * ny);
  for (const { x, y, z } of points) {
    const at = nodeOf(y, ny, levelsY !== null) * nx + nodeOf(x, nx, levelsX !== null);
    sums[at] = sums[at]! + z;
    weights[at] = weights[at]! + 1;
  }
  for (const grid of [sums, weights]) {
    if (levelsX === null) spread(grid, ny, nx, nx, 1, width);
    if (levelsY === null) spread(grid, nx, ny, 1, nx, width);
  }
  return { nx, ny, hasLevelsX: levelsX !== null, hasLevelsY: levelsY !== null, sums, weights, width };
}

/** The value of a place; NaN: no run is near. */
export function contourAt(map: ContourMap, x: number, y: number): number {
  const [x0, fx] = between(x, map.nx, map.hasLevelsX);
  const [y0, fy] = between(y, map.ny, map.hasLevelsY);
  let [sum, weight] = [0, 0];
  for (let dy = 0; dy <= (fy > 0 ? 1 : 0); dy++)
    for (let dx = 0; dx <= (fx > 0 ? 1 : 0); dx++) {
      const part = (dx === 1 ? fx : 1 - fx) * (dy === 1 ? fy : 1 - fy);
      const at = (y0 + dy) * map.nx + x0 + dx;
      sum += part * map.sums[at]!;
      weight += part * map.weights[at]!;
    }
  return weight >= LEAST_WEIGHT ? sum / weight : Number.NaN;
}

/** The lowest and the highest value at the nodes; null: the map is blank. */
export function contourRange({ sums, weights }: ContourMap): readonly [number, number] | null {
  let [lo, hi] = [Infinity, -Infinity];
  for (let i = 0; i < sums.length; i++) {
    if (weights[i]! < LEAST_WEIGHT) continue;
    const value = sums[i]! / weights[i]!;
    lo = Math.min(lo, value);
    hi = Math.max(hi, value);
  }
  return lo <= hi ? [lo, hi] : null;
}

function nodeOf(fraction: number, n: number, hasLevels: boolean): number {
  return Math.max(0, Math.min(n - 1, hasLevels ? Math.floor(fraction * n) : Math.round(fraction * (n - 1))));
}

/** The node below a place, and how far it is to the next one. */
function between(fraction: number, n: number, hasLevels: boolean): readonly [number, number] {
  if (hasLevels || n === 1) return [nodeOf(fraction, n, hasLevels), 0];
  const at = Math.max(0, Math.min(n - 1, fraction * (n - 1)));
  const below = Math.min(n - 2, Math.floor(at));
  return [below, at - below];
}

/** Each line of a grid, weighted by a Gaussian along it. */
function spread(
  grid: Float64Array,
  nLines: number,
  n: number,
  lineStep: number,
  step: number,
  width: number,
): void {
  const deviation = width * (n - 1);
  const reach = Math.ceil(3 * deviation);
  const kernel = Array.from({ length: reach + 1 }, (_, d) => Math.exp(-0.5 * (d / deviation) ** 2));
  const line = new Float64Array(n);
  for (let l = 0; l < nLines; l++) {
    for (let i = 0; i < n; i++) {
      let sum = 0;
      for (let k = Math.max(0, i - reach); k <= Math.min(n - 1, i + reach); k++)
        sum += grid[l * lineStep + k * step]! * kernel[Math.abs(k - i)]!;
      line[i] = sum;
    }
    for (let i = 0; i < n; i++) grid[l * lineStep + i * step] = line[i]!;
  }
}
