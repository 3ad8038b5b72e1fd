/** The form of pasted plain text: Markdown, cells or a link. Pure. */

/** More is cut. */
export const MOST_CHARACTERS = 100_000;
export const MOST_HTML = 1 << 20;

const MARKDOWN = [
  /^#{1,6} \S/m,
  /^\s*[-*+] \S.*\n\s*[-*+] \S/m,
  /^\s*[-*+] \[[ x]\] \S/m,
  /^\s*\d+[.)] \S.*\n\s*\d+[.)] \S/m,
  /^> \S/m,
  /^```[\w-]*\s*$/m,
  /^\|?.+\|.+\n\|?\s*:?-{2,}/m,
  /^\$\$\s*$/m,
  /^<details(\s+open)?>/m,
  /\*\*\S[^*\n]*\*\*/,
  /\[[^\]\n]+\]\([^)\s]+\)/,
];

/** Whether text has signs that hardly stand in others. */
export function isMarkdown(text: string): boolean {
  return MARKDOWN.some((sign) => sign.test(text));
}

/** The cells of a spreadsheet: two rows or columns at least, all rows as long; null: it is no table. */
export function cellsOf(text: string): readonly (readonly string[])[] | null {
  const lines = text.replace(/\r\n?/g, "\n").replace(/\n$/, "").split("\n");
  const rows = lines.map((line) => line.split("\t").map((cell) => cell.trim()));
  const width = rows[0]?.length ?? 0;
  if (width < 2 || rows.length < 2 || rows.length * width > 5_000) return null;
  return rows.every((row) => row.length === width) ? rows : null;
}
