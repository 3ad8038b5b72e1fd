/** The lines that a key takes which breaks between its parts, and inside a part that is longer than a line. Pure. */

/** Where a key may break: `model.`, `evoformer.`, `blocks`. */
export function keyParts(key: string): string[] {
  return key.split(/(?<=[/._-])/);
}

export function keyLines(key: string, lettersPerLine: number): number {
  let nLines = 1;
  let used = 0;
  for (const { length } of keyParts(key)) {
    if (used > 0 && used + length > lettersPerLine) {
      nLines++;
      used = 0;
    }
    used += length;
    while (used > lettersPerLine) {
      nLines++;
      used -= lettersPerLine;
    }
  }
  return nLines;
}
