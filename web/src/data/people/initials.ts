/** Initials and colours that stand for people without a picture. Pure. */

const HUES = 12;

/**
 * The first letters of the first and last word of a name: `Mara Lindqvist` is `ML`, `ada` is `A`. What has no letter,
 * such as a bracket, counts only where there is nothing else.
 */
export function initialsOf(name: string): string {
  const all = name.split(/[\s._-]+/).filter(Boolean);
  const lettered = all.flatMap((word) => word.match(/[\p{L}\p{N}].*/u) ?? []);
  const words = lettered.length > 0 ? lettered : all;
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return (
    letters
      .map((word) => (word ? [...word][0]! : ""))
      .join("")
      .toUpperCase() || "?"
  );
}

/** A colour of the palette of runs, from 1, that follows from a name. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + letter.codePointAt(0)!) % 65_521;
  return (sum % HUES) + 1;
}
