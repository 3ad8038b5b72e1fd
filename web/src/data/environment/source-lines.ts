/** Lines of patches, scripts and notebooks, ready to be drawn. Pure. */

/** Look of a line: added, removed, the head of a hunk, the head of a file or a cell. */
type LineKind = "plain" | "added" | "removed" | "hunk" | "head";

export interface SourceLine {
  readonly text: string;
  readonly kind: LineKind;
  /** Its number in its file or cell. */
  readonly number: number | null;
}

interface PatchFile {
  readonly path: string;
  /** Where it begins among the lines. */
  readonly at: number;
  readonly nAdded: number;
  readonly nRemoved: number;
}

export interface Patch {
  readonly lines: readonly SourceLine[];
  readonly files: readonly PatchFile[];
}

/** Longer lines, as of minified code, are cut. */
const MOST_CHARS = 2000;

/** The lines and files of what `git diff` prints. */
export function readPatch(patch: string): Patch {
  const lines: SourceLine[] = [];
  const files: { path: string; at: number; nAdded: number; nRemoved: number }[] = [];
  // how many lines of the hunk are to come, before and after the change: `--- a` may be a removed line
  let [nBefore, nAfter, number] = [0, 0, 0];
  const add = (text: string, kind: LineKind, own: number | null = null) =>
    lines.push({ text: cut(text), kind, number: own });
  for (const line of splitLines(patch)) {
    const mark = line[0] ?? " ";
    const file = files.at(-1);
    if (nBefore > 0 || nAfter > 0) {
      if (mark === "+") {
        nAfter--;
        if (file) file.nAdded++;
        add(line, "added", number++);
        continue;
      }
      if (mark === "-") {
        nBefore--;
        if (file) file.nRemoved++;
        add(line, "removed");
        continue;
      }
      if (mark === " ") {
        nBefore--;
        nAfter--;
        add(line, "plain", number++);
        continue;
      }
    }
    const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(line);
    if (hunk) {
      [nBefore, nAfter] = [Number(hunk[1] ?? 1), Number(hunk[3] ?? 1)];
      number = Number(hunk[2]);
      add(line, "hunk");
    } else if (line.startsWith("diff --git ")) {
      [nBefore, nAfter] = [0, 0];
      files.push({ path: pathOf(line), at: lines.length, nAdded: 0, nRemoved: 0 });
      add(line, "head");
    } else add(line, mark === "\\" ? "plain" : "head");
  }
  return { lines, files };
}

/** The lines of a script; of a notebook those of its cells, each with its head. */
export function readCode(path: string, text: string): readonly SourceLine[] {
  return (path.endsWith(".ipynb") ? cellLines(text) : null) ?? numbered(text);
}

function cellLines(text: string): readonly SourceLine[] | null {
  let cells: unknown;
  try {
    cells = (JSON.parse(text) as { cells?: unknown } | null)?.cells;
  } catch {
    return null;
  }
  if (!Array.isArray(cells)) return null;
  return cells.flatMap((cell: { source?: unknown; execution_count?: unknown; cell_type?: unknown }) => {
    const source = Array.isArray(cell.source) ? cell.source.join("") : String(cell.source ?? "");
    const head = cell.cell_type === "markdown" ? "Text" : `In [${cell.execution_count ?? " "}]`;
    return [{ text: head, kind: "head" as const, number: null }, ...numbered(source)];
  });
}

function numbered(text: string): SourceLine[] {
  return splitLines(text).map((line, i) => ({ text: cut(line), kind: "plain", number: i + 1 }));
}

function splitLines(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function cut(line: string): string {
  return line.length > MOST_CHARS ? `${line.slice(0, MOST_CHARS)}…` : line;
}

/** `diff --git a/x b/x`: the path after the change. */
function pathOf(head: string): string {
  const names = head.slice("diff --git ".length);
  const middle = names.length >> 1;
  const same = names.slice(middle + 1);
  if (names.slice(0, middle).replace(/^a\//, "") === same.replace(/^b\//, ""))
    return same.replace(/^b\//, "");
  return names
    .split(/ "?b\//)
    .at(-1)!
    .replace(/"$/, "");
}
