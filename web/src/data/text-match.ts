/**
 * What a search field finds: its text anywhere, or a regular expression; never a throw.
 */

/** A test of names, or why the pattern is none. */
export type Matcher =
  | { readonly test: (text: string) => boolean; readonly error: null }
  | { readonly test: null; readonly error: string };

/** The matcher for a search field's text, without regard to case; an empty one matches all. */
export function matcherFor(text: string, regex: boolean): Matcher {
  if (text === "") return { test: () => true, error: null };
  if (!regex) {
    const needle = text.toLowerCase();
    return { test: (s) => s.toLowerCase().includes(needle), error: null };
  }
  try {
    const re = new RegExp(text, "i");
    return { test: (s) => re.test(s), error: null };
  } catch (error) {
    return { test: null, error: error instanceof Error ? error.message : "not a regular expression" };
  }
}
