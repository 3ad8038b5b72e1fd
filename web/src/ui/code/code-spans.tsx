/** Code as stretches of the same color, for code among other text. */

import { highlightCode, tagHighlighter } from "@lezer/highlight";
import type { ReactNode } from "react";
import { INK_TAGS } from "./ink-tags";
import "./code.css";

export interface CodeParser {
  parse(code: string): Parameters<typeof highlightCode>[1];
}

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

/** The end of a language's files. @param language its name, or that end */
export function endOf(language: string): string {
  const name = language.toLowerCase();
  return ENDS[name] ?? name;
}

const inks = tagHighlighter(INK_TAGS);

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

export function coloredText(code: string, parser: CodeParser): ReactNode {
  const pieces: ReactNode[] = [];
  let at = 0;
  for (const [from, to, classes] of codeSpans(code, parser)) {
    pieces.push(code.slice(at, from));
    pieces.push(
      <span key={from} className={classes}>
        {code.slice(from, to)}
      </span>,
    );
    at = to;
  }
  pieces.push(code.slice(at));
  return pieces;
}
