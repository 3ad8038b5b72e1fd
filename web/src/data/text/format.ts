/**
 * Texts of numbers and times in the app. Pure.
 *
 * All pages write a number in one notation:
 *
 * - Its minus is U+2212, also in exponents. Text that a person types or copies, or that a program reads, has a hyphen:
 *   `typedNumber` for fields, `program-text` for the clipboard.
 * - Below 0.001 it is a power of ten, `6e−4`, so that no zeros have to be counted; from 0.001 on it is `0.001`. Of parameters that
 *   stand together, all below 1 are powers as soon as one is (`inOneNotation`).
 * - What a person set has all digits that it needs: `6e−4`, `0.05` (`formatExactly`, `formatParameter`).
 * - What was measured has 4 decimals, below 0.1 as many as it takes for 4 digits, `0.004216`, and a power at most 2 without the zeros at its end: `0.5000`, `6e−4`, `6.25e−4`
 *   (`formatValue`). In a column of one quantity all powers have 2, so that digits stand below each other: `6.00e−4`.
 * - Ticks have as few digits as tell them apart, and k, M, B and T (`formatTick`).
 */

const MINUS = "\u2212";

/** A number's text as JavaScript writes it, with a minus sign in place of the hyphen: `1e−5`, `1e6`. */
export function withMinus(text: string): string {
  return text.replace(/^-/, MINUS).replace("e-", `e${MINUS}`).replace("e+", "e");
}

/** `1234567.25` as `1,234,567.25`. Without `Intl`, whose first use takes 15 ms of a page's first paint. */
function groupDigits(text: string): string {
  return text.replace(/^-?\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** Values below it stand as powers of ten. */
export const SMALL = 1e-3;
/** Decimals of a measured value that is a power of ten. */
const SMALL_DIGITS = 2;

/** Whether a number stands as a power of ten. */
export function isSmall(v: number): boolean {
  return v !== 0 && Math.abs(v) < SMALL;
}

/** A number with so many decimals, grouped from 1000 on: `1,304.50`; none rounds to `−0.00`. */
export function formatFixed(v: number, digits: number): string {
  const text = v.toFixed(digits);
  return withMinus(groupDigits(Number(text) === 0 ? text.replace("-", "") : text));
}

/** A number by its power of ten: `2.50e6`; none is `0`. */
export function formatExponential(v: number, digits = SMALL_DIGITS): string {
  return v === 0 ? "0" : withMinus(v.toExponential(digits));
}

/** Widths of a number's letters in a cell; digits stand below each other. */
const DIGIT_PX = 7.6;
const SIGN_PX = 4;
const LETTER_PX = 7.2;

/** Room that a number's text takes in a cell, without a page to measure it on. */
export function numberPx(text: string): number {
  let px = 0;
  for (const letter of text) px += /\d/.test(letter) ? DIGIT_PX : /[.,\s]/.test(letter) ? SIGN_PX : LETTER_PX;
  return px;
}

function decadeOf(v: number): number {
  return Math.floor(Math.log10(Math.abs(v)));
}

/** Decimals of a measured number of this size below 100, so that a small one has as many digits as one of 0.5. */
export function decimalsOf(size: number): number {
  return size >= 0.1 || size < SMALL ? 4 : size >= 0.01 ? 5 : 6;
}

/** A metric's value: 4 decimals, more below 0.1, fewer from 100 on, none of a whole number, `1.25e−5` below 0.001, grouped from 1000 on. */
export function formatValue(v: number): string {
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "Inf" : `${MINUS}Inf`;
  const size = Math.abs(v);
  if (size === 0) return "0";
  if (size < SMALL || size >= 1e6) return formatMagnitude(v, SMALL_DIGITS + 1);
  if (size >= 1000) return formatCount(Math.round(v));
  if (Number.isInteger(v)) return formatCount(v);
  return formatFixed(v, size >= 100 ? 1 : decimalsOf(size));
}

/** Parts of a range that two values are told apart by. */
const PARTS_OF_RANGE = 100;

/**
 * A metric's value among others in a range that is `span` wide: as many more digits as it takes to tell them apart,
 * `1,000,000,012` next to `1,000,000,020`.
 */
export function formatWithin(v: number, span: number): string {
  const size = Math.abs(v);
  const isPower = size < SMALL || size >= 1e6;
  const step = isPower ? 10 ** (decadeOf(v) - SMALL_DIGITS) : size >= 1000 ? 1 : size >= 100 ? 0.1 : 1e-4;
  if (!(span > 0 && step > span / PARTS_OF_RANGE && size < Infinity)) return formatValue(v);
  const digits = Math.min(12, Math.ceil(Math.log10(size / span)) + 3);
  if (size < SMALL || size >= 1e15) return formatMagnitude(v, digits);
  return Number.isInteger(v) ? formatCount(v) : formatFixed(v, Math.max(0, digits - 1 - decadeOf(v)));
}

/** A difference with its sign, as precise as the value `of` that it is of: `+0.0031`; of 1.2e−4 `+8.2e−5`. */
export function formatSigned(difference: number, of?: number): string {
  const size = Math.abs(of ?? difference);
  if (of && difference && size < SMALL) {
    const digits = SMALL_DIGITS + decadeOf(difference) - decadeOf(of);
    const rounded = Number(difference.toExponential(Math.max(0, Math.min(SMALL_DIGITS, digits))));
    const text = rounded.toExponential();
    return withMinus(difference > 0 ? `+${text}` : text);
  }
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : of ? decimalsOf(size) : 4;
  const isSmall = difference !== 0 && Math.abs(difference) < 0.5 * 10 ** -digits;
  const text =
    isSmall || Math.abs(difference) >= 1e6 ? difference.toExponential(1) : difference.toFixed(digits);
  return withMinus(difference > 0 ? `+${groupDigits(text)}` : groupDigits(text));
}

/** A difference as precise as the value `of` that it is of; whole where both are: `+3`. */
export function formatDifference(difference: number, of: number): string {
  if (!Number.isInteger(difference) || !Number.isInteger(of)) return formatSigned(difference, of);
  return `${difference > 0 ? "+" : ""}${formatExactly(difference)}`;
}

/** An axis tick: `40k`, `1.2M`, `6B`, `1e−4`, else the number itself. */
export function formatTick(v: number): string {
  const size = Math.abs(v);
  if (size === 0) return "0";
  if (size >= 1e15) return formatMagnitude(v, 2);
  if (size >= 1e12) return withMinus(`${Number((v / 1e12).toFixed(2))}T`);
  if (size >= 1e9) return withMinus(`${Number((v / 1e9).toFixed(2))}B`);
  if (size >= 1e6) return withMinus(`${Number((v / 1e6).toFixed(2))}M`);
  if (size >= 1e3) return withMinus(`${Number((v / 1e3).toFixed(2))}k`);
  if (size < SMALL) return formatMagnitude(v, 2);
  return withMinus(String(Number(v.toPrecision(6))));
}

/** Letters of large numbers with what they stand for, the largest first. */
const UNITS = [
  [1e12, "T", 12],
  [1e9, "B", 9],
  [1e6, "M", 6],
] as const;

/** A position from a million on, as its axis has it, to `resolution`: `134.75B`. */
export function formatLarge(v: number, resolution: number): string {
  const unit = UNITS.find(([size]) => Math.abs(v) >= size);
  if (!unit) return formatExactly(v);
  if (Math.abs(v) >= 1e15)
    return formatExponential(v, Math.max(2, Math.min(12, decadeOf(v) - decadeOf(resolution))));
  const [size, letter, exact] = unit;
  const digits = Math.ceil(Math.log10(size / resolution));
  return withMinus(`${Number((v / size).toFixed(Math.max(2, Math.min(exact, digits))))}${letter}`);
}

/** A number that a person or a sweep chose: of a small one 6 digits, which random ones would go beyond. */
export function formatParameter(v: number): string {
  return isSmall(v) ? formatMagnitude(v) : formatExactly(v);
}

/** A number by its power of ten, with the digits that it has: `1.24e−4`. */
export function formatMagnitude(v: number, digits = 6): string {
  return withMinus(Number(v.toPrecision(digits)).toExponential());
}

/** Texts of parameters that stand together: where one is a power of ten, all below 1 are: `3e−4` next to `1e−3`. */
export function inOneNotation(texts: readonly string[]): string[] {
  const isInPowers = texts.some((text) => /^\u2212?\d(\.\d+)?e\u2212\d+$/.test(text));
  return texts.map((text) =>
    isInPowers && /^\u2212?0\.0*[1-9]\d*$/.test(text)
      ? formatMagnitude(Number(text.replace(MINUS, "-")), 12)
      : text,
  );
}

/** A number as one types it: `6e-4`. */
export function typedNumber(v: number): string {
  return isSmall(v) ? v.toExponential() : String(v);
}

/** All digits that a number has: `1,000,000.25`, `1.5e−9`. */
export function formatExactly(v: number): string {
  if (isSmall(v)) return formatMagnitude(v, 12);
  const text = String(Number(v.toPrecision(12)));
  // an exponent, NaN or infinity
  const isPlain = /^-?[\d.]+$/.test(text);
  return withMinus(isPlain ? groupDigits(text) : v.toLocaleString("en-US", { maximumSignificantDigits: 12 }));
}

/** An integer with its groups: `17,514`. */
export function formatCount(n: number): string {
  return withMinus(groupDigits(String(n)));
}

/** A length of time in at most two units: `0.31 s`, `42 s`, `12 min`, `4 h 02 min`, `3 d 4 h`. */
export function formatDuration(secs: number): string {
  if (secs > 0 && secs < 9.95) return `${Number(secs.toFixed(secs < 0.995 ? 2 : 1))} s`;
  const s = Math.max(0, Math.round(secs));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return min < 10 && s % 60 > 0 ? `${min} min ${s % 60} s` : `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return `${h} h ${String(min % 60).padStart(2, "0")} min`;
  return `${Math.floor(h / 24)} d ${h % 24} h`;
}

/** A tick of a time axis: at most two units, without spaces between number and unit. */
export function formatTimeTick(secs: number): string {
  if (secs === 0) return "0";
  const sign = secs < 0 ? MINUS : "";
  const s = Math.abs(secs);
  if (s < 60) return `${sign}${Number(s.toFixed(3))}s`;
  const units: [number, string][] = [
    [86400, "d"],
    [3600, "h"],
    [60, "m"],
    [1, "s"],
  ];
  const parts: string[] = [];
  let rest = Math.round(s);
  for (const [size, unit] of units) {
    const n = Math.floor(rest / size);
    if (n > 0 && parts.length < 2) parts.push(`${n}${unit}`);
    rest -= n * size;
  }
  return sign + parts.join(" ");
}

/** Distance from now, in one unit: `now`, `40 s`, `12 min`, `5 h`, `3 d`, `5 wk`, `4 mo`, `2 y`. */
export function formatAgo(micros: number, nowMillis: number): string {
  const s = Math.max(0, nowMillis / 1000 - micros / 1e6);
  if (s < 10) return "now";
  if (s < 60) return `${Math.floor(s)} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  if (s < 14 * 86400) return `${Math.floor(s / 86400)} d`;
  if (s < 60 * 86400) return `${Math.floor(s / (7 * 86400))} wk`;
  if (s < 730 * 86400) return `${Math.floor(s / (30 * 86400))} mo`;
  return `${Math.floor(s / (365 * 86400))} y`;
}

/** Made at the first use, and once: to make one takes longer than to write a hundred times. */
let exact: Intl.DateTimeFormat | undefined;

/** The exact local time, for a tooltip. */
export function formatExact(micros: number): string {
  exact ??= new Intl.DateTimeFormat(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
    second: "2-digit",
    timeZoneName: "short",
  });
  return exact.format(micros / 1000);
}

/**
 * The local time to the second, with its year where it is not this one: for rows of times in little room.
 *
 * @param hasMillis to the thousandth of a second, where times of one second are told apart
 */
export function formatMoment(micros: number, now = new Date(), hasMillis = false): string {
  const moment = new Date(micros / 1000);
  return moment.toLocaleString(undefined, {
    ...(moment.getFullYear() !== now.getFullYear() && { year: "numeric" }),
    month: "short",
    day: "numeric",
    hour: "2-digit",
    hourCycle: "h23",
    minute: "2-digit",
    second: "2-digit",
    ...(hasMillis && { fractionalSecondDigits: 3 }),
  });
}

/** The local day. */
export function formatDay(micros: number): string {
  return new Date(micros / 1000).toLocaleDateString(undefined, {
    year: "numeric",
    month: "short",
    day: "numeric",
  });
}

/** A noun with its number: `1 run`, `12 runs`. */
export function formatNoun(n: number, noun: string): string {
  return `${formatCount(n)} ${noun}${n === 1 ? "" : "s"}`;
}

/** A size: `237 bytes`, `4.7 kB`, `940 MB`; in decimal units, as the command line has them. */
export function formatBytes(n: number): string {
  const units = [n === 1 ? "byte" : "bytes", "kB", "MB", "GB", "TB", "PB"];
  let size = n;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && size < 99.95 ? 1 : 0;
  return `${size.toFixed(digits)} ${units[unit]}`;
}
