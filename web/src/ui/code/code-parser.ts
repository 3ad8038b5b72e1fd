/** Parsers of the languages of code, each loaded with the first code in it. */

import { Language, LanguageSupport } from "@codemirror/language";
import { type CodeParser, endOf } from "./code-spans";
import { languageOf } from "./languages";

/**
 * @param language its name, or the end of its files
 * @returns null: its code has no colors
 */
export async function parserOf(language: string): Promise<CodeParser | null> {
  const end = endOf(language);
  const support = await languageOf(end === "dockerfile" ? end : `code.${end}`);
  if (support instanceof LanguageSupport) return support.language.parser;
  return support instanceof Language ? support.parser : null;
}
