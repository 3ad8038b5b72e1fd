/** Names the part that a half-typed filter still lacks, so that the server need not be asked about it. Pure. */

import { completionAt } from "./completion";

const QUOTED = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/gs;
const LAST_WORD = /(?:^|[\s(,])(\S+)$/;
const OPERATOR = /(?:[=<>]|\s(?:has|contains))$/i;
const JOINERS = new Set(["and", "or", "not"]);

/** The part that a filter lacks, in words; null: it may be complete. */
export function unfinishedFilter(text: string): string | null {
  const typed = text.trimEnd();
  if (typed === "") return null;
  const bare = typed.replace(QUOTED, (name) => "x".repeat(name.length));
  if (/["']/.test(bare)) return "a closing quote comes next";
  if (JOINERS.has((LAST_WORD.exec(bare)?.[1] ?? "").toLowerCase()) || bare.endsWith("("))
    return completionAt(typed, typed.length).kind === "value"
      ? "a value comes next"
      : "a condition comes next";
  const next = completionAt(`${typed} `, typed.length + 1);
  if (next.kind === "value")
    return OPERATOR.test(bare) ? "a value comes next" : "a value, or a closing bracket, comes next";
  const isColumn = completionAt(typed, typed.length).kind === "column" && !bare.endsWith(")");
  return isColumn ? "an operator such as = > in contains exists comes next" : null;
}
