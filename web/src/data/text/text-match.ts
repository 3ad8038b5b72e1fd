/** A test of names, or why the pattern is invalid. */
export type Matcher =
  | { readonly test: (text: string) => boolean; readonly error: null }
  | { readonly test: null; readonly error: string };

/**
 * The matcher for a search field's text, without regard to case: its words in any order, or a regular expression; without any
 * word it matches all. Never throws.
 */
export function matcherFor(text: string, regex: boolean): Matcher {
  if (text === "") return { test: () => true, error: null };
  if (!regex) {
    const words = text.toLowerCase().split(/\s+/);
    return { test: (s) => words.every((word) => s.toLowerCase().includes(word)), error: null };
  }
  try {
    const re = new RegExp(text, "i");
    return { test: (s) => re.test(s), error: null };
  } catch (error) {
    return { test: null, error: error instanceof Error ? error.message : "not a regular expression" };
  }
}
