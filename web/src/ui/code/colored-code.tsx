/** Code in colors, as plain text of the page: without an editor, for code that is read among other text. */

import { type ReactNode, useEffect, useState } from "react";
import { type CodeParser, codeSpans, parserOf } from "./code-parser";

interface ColoredCodeProps {
  readonly code: string;
  /** The name of a language, or the end of its files. */
  readonly language: string;
}

export default function ColoredCode({ code, language }: ColoredCodeProps) {
  const [parser, setParser] = useState<CodeParser | null>(null);
  useEffect(() => {
    let isGone = false;
    void parserOf(language).then((next) => {
      if (!isGone) setParser(next);
    });
    return () => {
      isGone = true;
    };
  }, [language]);
  return parser ? colored(code, parser) : code;
}

function colored(code: string, parser: CodeParser): ReactNode {
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
