/** Text with SGR codes as spans of one look. Pure. */

/** Look of a span; colours are names of the theme's palette, or CSS colours. */
export interface AnsiLook {
  readonly color: string | null;
  readonly background: string | null;
  readonly isBold: boolean;
  readonly isFaint: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isStruck: boolean;
  readonly isInverse: boolean;
}

export interface AnsiSpan {
  readonly text: string;
  readonly look: AnsiLook;
}

export const PLAIN: AnsiLook = {
  color: null,
  background: null,
  isBold: false,
  isFaint: false,
  isItalic: false,
  isUnderlined: false,
  isStruck: false,
  isInverse: false,
};

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;
// biome-ignore lint/suspicious/noControlCharactersInRegex: codes begin with ESC
const CODE = /\x1b\[([0-9;:]*)m/g;

/** The spans of a line; each line begins plain. */
export function ansiSpans(text: string): AnsiSpan[] {
  if (!text.includes("\x1b")) return [{ text, look: PLAIN }];
  const spans: AnsiSpan[] = [];
  let look = PLAIN;
  let from = 0;
  for (const code of text.matchAll(CODE)) {
    if (code.index > from) spans.push({ text: text.slice(from, code.index), look });
    look = lookAfter(look, code[1]!.split(/[;:]/).map(Number));
    from = code.index + code[0].length;
  }
  if (from < text.length) spans.push({ text: text.slice(from), look });
  return spans;
}

function lookAfter(before: AnsiLook, codes: readonly number[]): AnsiLook {
  let look = before;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code === 38 || code === 48) {
      const [color, n] = longColor(codes.slice(i + 1));
      look = code === 38 ? { ...look, color } : { ...look, background: color };
      i += n;
    } else look = code === 0 ? PLAIN : { ...look, ...changeOf(code) };
  }
  return look;
}

function changeOf(code: number): Partial<AnsiLook> {
  if (code >= 30 && code <= 37) return { color: named(code - 30) };
  if (code >= 90 && code <= 97) return { color: named(code - 90) };
  if (code >= 40 && code <= 47) return { background: named(code - 40) };
  if (code >= 100 && code <= 107) return { background: named(code - 100) };
  switch (code) {
    case 1:
      return { isBold: true };
    case 2:
      return { isFaint: true };
    case 3:
      return { isItalic: true };
    case 4:
      return { isUnderlined: true };
    case 7:
      return { isInverse: true };
    case 9:
      return { isStruck: true };
    case 22:
      return { isBold: false, isFaint: false };
    case 23:
      return { isItalic: false };
    case 24:
      return { isUnderlined: false };
    case 27:
      return { isInverse: false };
    case 29:
      return { isStruck: false };
    case 39:
      return { color: null };
    case 49:
      return { background: null };
    default:
      return {};
  }
}

function named(number: number): string {
  return `var(--w-ansi-${NAMES[number]})`;
}

/** A colour of 256 or of 24 bits, and how many numbers it took. */
function longColor(codes: readonly number[]): [string | null, number] {
  if (codes[0] === 5) return [paletteColor(codes[1] ?? 0), 2];
  if (codes[0] === 2) return [legible(codes[1] ?? 0, codes[2] ?? 0, codes[3] ?? 0), 4];
  return [null, 1];
}

function paletteColor(number: number): string {
  if (number < 16) return named(number % 8);
  if (number >= 232) {
    const grey = 8 + 10 * (number - 232);
    return legible(grey, grey, grey);
  }
  const level = (n: number) => (n === 0 ? 0 : 55 + 40 * n);
  const cube = number - 16;
  return legible(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

/** A colour that keeps its hue and is mixed with the theme's text, so that it can be read on both themes. */
function legible(red: number, green: number, blue: number): string {
  return `color-mix(in oklab, rgb(${red} ${green} ${blue}) 55%, var(--w-text))`;
}
