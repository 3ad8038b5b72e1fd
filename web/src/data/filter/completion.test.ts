import { describe, expect, it } from "vitest";
import { caretAfter, completionAt, misreadEnd } from "./completion";

/** `|` is where the caret is. */
function at(marked: string) {
  const caret = marked.indexOf("|");
  const { kind, word, column, from, to } = completionAt(marked.replace("|", ""), caret);
  return [kind, word, column, marked.replace("|", "").slice(from, to)];
}

describe("completion in a filter", () => {
  it.each([
    ["|", ["column", "", "", ""]],
    ["config.l|r > 1", ["column", "config.l", "", "config.lr"]],
    ["config.lr > 1 and |", ["column", "", "", ""]],
    ["not (sta|", ["column", "sta", "", "sta"]],
    ["state = |", ["value", "", "state", ""]],
    ["state = fi|", ["value", "fi", "state", "fi"]],
    ['tags has "a b|', ["value", '"a b', "tags", '"a b']],
    ['"config.learning rate" = |', ["value", "", "config.learning rate", ""]],
    ["state not in (failed, cr|", ["value", "cr", "state", "cr"]],
    ["state in (failed) |", ["word", "", "", ""]],
    ["config.lr |", ["word", "", "", ""]],
    ["config.lr ex|", ["word", "ex", "", "ex"]],
  ])("%s", (marked, expected) => expect(at(marked)).toEqual(expected));
});

describe("a name that was read only in part", () => {
  it.each([
    ["[val/coverage %] > 55", "val/coverage", "summary.val/coverage %"],
    ["[val/coverage % ]", "val/coverage", "summary.val/coverage % "],
    ["state = failed and [cover the %] not in (1, 2)", "cover", "summary.val/coverage %"],
    ["[mrr] > 0.2", "mrr", "summary.val/mrr"],
    ["[mrr] and lr > 1", "mrr", "summary.val/mrr"],
    ["[mrr]", "mrr", "summary.val/mrr"],
  ])("%s", (marked, word, column) => {
    const from = marked.indexOf("[");
    const text = marked.replace(/[[\]]/g, "");
    expect(misreadEnd(text, from, word, column)).toBe(marked.indexOf("]") - 1);
  });

  it("leaves the caret behind what was typed after it", () => {
    expect(caretAfter(9, 0, 3, "summary.val/mrr")).toBe(21);
    expect(caretAfter(2, 0, 3, "summary.val/mrr")).toBe(15);
    expect(caretAfter(2, 4, 7, "summary.val/mrr")).toBe(2);
  });
});
