/** Code in colors, as plain text of the page: without an editor, for code that is read among other text. */

import { useEffect, useState } from "react";
import { parserOf } from "./code-parser";
import { type CodeParser, coloredText } from "./code-spans";

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
  return parser ? coloredText(code, parser) : code;
}
