/** Numbers of one column, one below the other: each has as many decimals. Pure. */

import {
  decimalsOf,
  formatCount,
  formatExponential,
  formatFixed,
  formatValue,
  isSmall,
  SMALL,
} from "../text/format";

/** Digits of the largest number, at most. */
const MOST_DIGITS = 5;
/** In a range so many times smaller than they are, numbers are alike in their first digits. */
const NEAR = 20;
/** Sizes so many times the median's have a format of their own. */
const OUTLYING = 100;
/** Digits behind the first that are told. */
const MOST_SHARED = 11;
/** Numbers from this on are powers of ten, whatever their range. */
const VERY_LARGE = 1e15;
/** Numbers from this on are powers of ten, as small ones are. */
const LARGE = 1e6;

/**
 * The format of a column of these numbers. One that its decimals would leave without two digits, next to some that
 * are very large, has those of its own.
 *
 * @param span width of the range in which the numbers have to be told apart, however large they are
 */
export function figuresFormat(
  values: readonly number[],
  span = Number.POSITIVE_INFINITY,
): (value: number) => string {
  const finite = values.filter(Number.isFinite);
  const sizes = usualOf(finite.map(Math.abs));
  const most = Math.max(0, ...sizes);
  const widest = Math.max(span, Math.max(...finite) - Math.min(...finite));
  if (widest < most / NEAR) return valueWith(nearFormat(finite, most, widest));
  if (sizes.every(Number.isInteger) && most < LARGE) return valueWith(formatCount);
  if (most < SMALL || most >= LARGE) return valueWith((value) => formatExponential(value));
  const whole = Math.floor(Math.log10(most)) + 1;
  const decimals = Math.max(0, Math.min(decimalsOf(most), MOST_DIGITS - whole));
  const least = Math.max(SMALL, 10 ** (1 - decimals));
  return valueWith((value) => {
    if (isSmall(value)) return formatExponential(value);
    const size = Math.abs(value);
    return size < least || size > most ? formatValue(value) : formatFixed(value, decimals);
  });
}

/** The sizes without those so many times the median that their digits would take the decimals of all others. */
function usualOf(sizes: readonly number[]): readonly number[] {
  const median = sizes.toSorted((a, b) => a - b)[Math.floor(sizes.length / 2)] ?? 0;
  return median > 0 ? sizes.filter((size) => size <= OUTLYING * median) : sizes;
}

/** The format of numbers that differ by no more than `span`, and are many times as large. */
function nearFormat(values: readonly number[], most: number, span: number): (value: number) => string {
  const digits = Math.min(MOST_SHARED, Math.ceil(Math.log10(most / span)) + 2);
  if (most < SMALL || most >= VERY_LARGE) return (value) => formatExponential(value, digits);
  if (values.every(Number.isInteger)) return formatCount;
  const usual = most < 100 ? decimalsOf(most) : 0;
  const decimals = Math.max(usual, digits - Math.floor(Math.log10(most)));
  return (value) => formatFixed(value, decimals);
}

function valueWith(format: (value: number) => string): (value: number) => string {
  return (value) => (value === 0 || !Number.isFinite(value) ? formatValue(value) : format(value));
}
