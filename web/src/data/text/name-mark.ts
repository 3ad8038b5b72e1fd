/** The mark that a person wrote behind a script's name: ` BEST` of `llama-1b-lr6e-4-s1 BEST`, `LIVE` of `sasrec-v2-lr5e-4-LIVE`. Pure. */

/** A name of at least three parts, and words behind it. */
const MARKED = /^[^\s_/-]+(?:[_/-]+[^\s_/-]+){2,}(?<![,;:|])\s+(\S.*)$/;

/** A last part in capitals. */
const CAPITALS = /^[^\s_/-]+(?:[_/-]+[^\s_/-]+){2,}[_/-]+(\p{Lu}{2,})$/u;

/** Letters of a mark at most: a longer one is a sentence, which may be cut. */
const LONGEST = 14;

/** By name: where its mark begins. Empty if most names have words behind them: those are parts like others. */
export function marksOf(names: ReadonlySet<string>): ReadonlyMap<string, number> {
  const marks = new Map<string, number>();
  for (const name of names) {
    const mark = (MARKED.exec(name) ?? CAPITALS.exec(name))?.[1];
    if (mark !== undefined && mark.length <= LONGEST) marks.set(name, name.length - mark.length);
  }
  return 2 * marks.size <= names.size ? marks : new Map();
}
