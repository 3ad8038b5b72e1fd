import { describe, expect, it } from "vitest";
import { completionAt } from "./completion";

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
