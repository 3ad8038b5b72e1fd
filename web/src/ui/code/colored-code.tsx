/** Code in colors, as plain text of the page: without an editor, for code that is read among other text. */

import { Language, LanguageSupport } from "@codemirror/language";
import { highlightCode } from "@lezer/highlight";
import { type ReactNode, useEffect, useState } from "react";
import { inks } from "./inks";
import { languageOf } from "./languages";
import "./code.css";

interface ColoredCodeProps {
  readonly code: string;
  /** The name of a language, or the end of its files. */
  readonly language: string;
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

export default function ColoredCode({ code, language }: ColoredCodeProps) {
  const [parser, setParser] = useState<Language["parser"] | null>(null);
  useEffect(() => {
    let isGone = false;
    const name = language.toLowerCase();
    void languageOf(name === "dockerfile" ? name : `code.${ENDS[name] ?? name}`).then((support) => {
      if (isGone) return;
      if (support instanceof LanguageSupport) setParser(support.language.parser);
      else if (support instanceof Language) setParser(support.parser);
    });
    return () => {
      isGone = true;
    };
  }, [language]);
  return parser ? colored(code, parser) : code;
}

function colored(code: string, parser: Language["parser"]): ReactNode {
  const pieces: ReactNode[] = [];
  highlightCode(
    code,
    parser.parse(code),
    inks,
    (text, classes) =>
      pieces.push(
        classes ? (
          <span key={pieces.length} className={classes}>
            {text}
          </span>
        ) : (
          text
        ),
      ),
    () => pieces.push("\n"),
  );
  return pieces;
}
