/** Numbers of one column, one below the other: each has as many decimals. Pure. */

import { formatCount, formatExponential, formatFixed, formatValue, isSmall, SMALL } from "../text/format";

/** Digits of the largest number, and decimals, at most. */
const MOST_DIGITS = 5;
const MOST_DECIMALS = 4;
/** Numbers from this on are powers of ten, as small ones are. */
const LARGE = 1e6;

/**
 * The format of a column of these numbers. One that its decimals would leave without two digits, next to some that
 * are very large, has those of its own.
 */
export function figuresFormat(values: readonly number[]): (value: number) => string {
  const sizes = values.filter(Number.isFinite).map(Math.abs);
  const most = Math.max(0, ...sizes);
  if (sizes.every(Number.isInteger) && most < LARGE) return valueWith(formatCount);
  if (most < SMALL || most >= LARGE) return valueWith((value) => formatExponential(value));
  const whole = Math.floor(Math.log10(most)) + 1;
  const decimals = Math.max(0, Math.min(MOST_DECIMALS, MOST_DIGITS - whole));
  const least = Math.max(SMALL, 10 ** (1 - decimals));
  return valueWith((value) => {
    if (isSmall(value)) return formatExponential(value);
    return Math.abs(value) < least ? formatValue(value) : formatFixed(value, decimals);
  });
}

function valueWith(format: (value: number) => string): (value: number) => string {
  return (value) => (value === 0 || !Number.isFinite(value) ? formatValue(value) : format(value));
}
