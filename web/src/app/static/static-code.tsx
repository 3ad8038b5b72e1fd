/**
 * Takes the place of colored code in a static file: the languages of most code in reports. All of them with their editor are
 * larger than all panels.
 */

import { parser as javascript } from "@lezer/javascript";
import { parser as json } from "@lezer/json";
import { parser as python } from "@lezer/python";
import { parser as yaml } from "@lezer/yaml";
import { type CodeParser, coloredText, endOf } from "@/ui/code/code-spans";

const PARSERS: Readonly<Record<string, CodeParser>> = {
  py: python,
  json,
  jsonl: json,
  yaml,
  yml: yaml,
  js: javascript,
  jsx: javascript.configure({ dialect: "jsx" }),
  ts: javascript.configure({ dialect: "ts" }),
  tsx: javascript.configure({ dialect: "jsx ts" }),
};

interface StaticCodeProps {
  readonly code: string;
  readonly language: string;
}

export default function StaticCode({ code, language }: StaticCodeProps) {
  const parser = PARSERS[endOf(language)];
  return parser ? coloredText(code, parser) : code;
}
