import { describe, expect, it } from "vitest";
import { findQuote, squash, stackTops } from "./quotes";

const TEXT = "The loss falls to 0.1, and the loss of others stays. Then it rises.";
const QUOTE = { exact: "the loss", prefix: "falls to 0.1, and ", suffix: " of others" };

/** The match in a block that has the whole text. */
function textOf(text: string, quote = QUOTE): readonly [string, boolean] | null {
  return textIn(text, text, quote);
}

function textIn(block: string | null, whole: string, quote = QUOTE): readonly [string, boolean] | null {
  const match = findQuote(block === null ? null : squash(block), () => squash(whole), quote);
  if (!match) return null;
  const text = squash(match.isInBlock ? (block ?? "") : whole);
  return [text.slice(match.start, match.end), match.isChanged];
}

describe("findQuote", () => {
  it("finds words, whatever their spaces", () => {
    expect(textOf(TEXT)).toEqual(["theloss", false]);
    expect(textOf(TEXT.replaceAll(" ", "\n  "))).toEqual(["theloss", false]);
  });

  it("takes the occurrence with the same surroundings", () => {
    const twice = squash(`the loss first, ${TEXT}`);
    expect(findQuote(twice, () => twice, QUOTE)?.start).toBe(twice.indexOf("thelossof"));
  });

  it("finds what stands between the surroundings after an edit", () => {
    expect(textOf(TEXT.replace("and the loss of", "and the mean error of"))).toEqual(["themeanerror", true]);
    expect(textOf(TEXT.replace("falls to 0.1, and the loss", "ends in 0.1, and the error"))).toEqual([
      "theerror",
      true,
    ]);
  });

  it("does not take a whole new text for the quote", () => {
    expect(textOf("Nothing of it is left.")).toBeNull();
    expect(textOf(TEXT.replace("the loss of", "of"))).toBeNull();
    const whole = { exact: "All of it", prefix: "", suffix: "" };
    expect(textOf("Other words", whole)).toBeNull();
    expect(textOf(`falls to 0.1, and ${"x".repeat(500)} of others`)).toBeNull();
  });

  it("finds a changed beginning and a changed end of a block", () => {
    expect(textOf("A curve rises.", { exact: "The line", prefix: "", suffix: " rises." })).toEqual([
      "Acurve",
      true,
    ]);
    expect(textOf("The line falls.", { exact: "rises.", prefix: "The line ", suffix: "" })).toEqual([
      "falls.",
      true,
    ]);
  });

  it("finds the words, and other words, in the half of a block that was split", () => {
    const first = "First the loss falls to 0.1, and ";
    const second = "the loss of others stays.";
    expect(textIn(first, first + second)).toEqual(["theloss", false]);
    const changed = first + second.replace("the loss", "the error");
    expect(textIn(first, changed)).toEqual(["theerror", true]);
    expect(textIn(null, `Before. ${first}${second}`)).toEqual(["theloss", false]);
  });

  it("does not take a short word of another block for the quote", () => {
    expect(textIn(null, "Here the loss is another one.", { ...QUOTE, exact: "loss" })).toBeNull();
    expect(
      textIn(null, "It ends: the loss falls to a tenth.", { ...QUOTE, exact: "the loss falls to a" }),
    ).toEqual(["thelossfallstoa", false]);
  });
});

describe("stackTops", () => {
  const cards = [
    { id: "a", top: 10, height: 50 },
    { id: "b", top: 20, height: 50 },
    { id: "c", top: 300, height: 50 },
  ];

  it("moves cards below the one before", () => {
    expect([...stackTops(cards, null, 8).values()]).toEqual([10, 68, 300]);
  });

  it("leaves the selected one at its text", () => {
    const far = cards.map((card) => ({ ...card, top: card.top + 200 }));
    expect([...stackTops(far, "b", 8).values()]).toEqual([162, 220, 500]);
  });

  it("leaves none above the column", () => {
    expect([...stackTops(cards, "b", 8).values()]).toEqual([0, 58, 338]);
  });
});
