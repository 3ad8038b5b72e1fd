import { readCode } from "../environment/source-lines";
import type { PreviewKind } from "./preview-kind";

/** JSON that has its lines already is left as it is written. */
const LINES = /\n\s/;

/** JSON in lines, a notebook as the code of its cells; all else, and what can't be read, as it is. */
export function readableText(kind: PreviewKind, text: string): string {
  if (kind === "json" && !LINES.test(text)) return indented(text);
  if (kind === "notebook")
    return readCode("a.ipynb", text)
      .map((line) => (line.kind === "head" ? `\n# ${line.text}` : line.text))
      .join("\n")
      .trimStart();
  return text;
}

function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
