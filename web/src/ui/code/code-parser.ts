/** Code as stretches of the same color, for code among other text. */

import { Language, LanguageSupport } from "@codemirror/language";
import { highlightCode } from "@lezer/highlight";
import { inks } from "./inks";
import { languageOf } from "./languages";
import "./code.css";

export type CodeParser = Language["parser"];

/** Languages whose files end otherwise. */
const ENDS: Readonly<Record<string, string>> = {
  python: "py",
  python3: "py",
  javascript: "js",
  typescript: "ts",
  shell: "sh",
  console: "sh",
  "c++": "cpp",
  cuda: "cu",
  julia: "jl",
  dockerfile: "dockerfile",
};

/**
 * @param language its name, or the end of its files
 * @returns null: its code has no colors
 */
export async function parserOf(language: string): Promise<CodeParser | null> {
  const name = language.toLowerCase();
  const support = await languageOf(name === "dockerfile" ? name : `code.${ENDS[name] ?? name}`);
  if (support instanceof LanguageSupport) return support.language.parser;
  return support instanceof Language ? support.parser : null;
}

/** The stretches that have a color. */
export function codeSpans(
  code: string,
  parser: CodeParser,
): readonly (readonly [from: number, to: number, classes: string])[] {
  const spans: [number, number, string][] = [];
  let at = 0;
  highlightCode(
    code,
    parser.parse(code),
    inks,
    (text, classes) => {
      if (classes) spans.push([at, at + text.length, classes]);
      at += text.length;
    },
    () => {
      at += 1;
    },
  );
  return spans;
}
