import { describe, expect, test } from "vitest";
import { type Completion, completionsFor, wordAt } from "@/data/expression/completion";
import { exactText, tokensOf } from "@/data/expression/expression-text";
import { ExpressionModel, type ExpressionSeen, offersIn } from "./expression-model";

const METRICS = ["loss", "val/loss", "val/accuracy", "lr", "hit#1"];
const KEYS = METRICS.map((key) => ({ key, nRuns: 1, isDrawable: true }));
const KNOWN = { has: (name: string) => METRICS.includes(name), isLoaded: true };

/** A field whose parent takes what it hands on; `reply` is what the server has answered so far. */
function fieldOf(text: string) {
  const model = new ExpressionModel(text);
  const sent: string[] = [];
  const typed: string[] = [];
  const cursors: number[] = [];
  let shownText = text;
  let reply: Partial<ExpressionSeen> = {};
  const offered = (): readonly Completion[] => {
    const { draft, cursor } = model.store.getState();
    return completionsFor(
      wordAt(draft, cursor).word,
      { metrics: KEYS, aimed: new Set<string>(), config: [] },
      7,
    );
  };
  const render = () =>
    model.see({
      text: shownText,
      projectNames: KNOWN,
      offered: offered(),
      areCurrent: true,
      isChecked: false,
      fault: null,
      isStrict: false,
      moveCursor: (position) => cursors.push(position),
      onText: (next) => {
        sent.push(next);
        shownText = next;
      },
      onTyped: (next) => typed.push(next),
      ...reply,
    });
  render();
  return {
    model,
    sent,
    typed,
    cursors,
    draft: () => model.store.getState().draft,
    /** The next render, with what is known by then. */
    render(part: Partial<ExpressionSeen> = {}) {
      reply = part;
      render();
      // a parent that takes a text renders once more
      render();
    },
    give(next: string) {
      shownText = next;
      render();
    },
    /** Key by key, as a person does. */
    type(letters: string) {
      reply = { ...reply, isChecked: false, fault: null };
      for (const letter of letters) {
        const { draft, cursor } = model.store.getState();
        model.type(draft.slice(0, cursor) + letter + draft.slice(cursor), cursor + 1);
        render();
      }
    },
    press(key: string, shiftKey = false) {
      const isHandled = model.press({ key, shiftKey });
      render();
      return isHandled;
    },
    list: () => offersIn(model.store.getState(), reply.offered ?? offered(), KNOWN.has),
    names: () => offersIn(model.store.getState(), offered(), KNOWN.has).shown.map(({ name }) => name),
  };
}

function focused(text = "") {
  const field = fieldOf(text);
  field.model.focus();
  field.render();
  return field;
}

const FAULT = { says: "No run has “los”.", from: 0, to: 3, instead: "loss", isAt: () => true };

describe("handing a text on", () => {
  test("while it is typed only what the server has read and found right, once", () => {
    const field = focused();
    field.type("loss");
    expect(field.sent).toEqual([]);
    field.render({ isChecked: true });
    field.render({ isChecked: true });
    expect(field.sent).toEqual(["loss"]);
    field.type("x");
    field.render({ isChecked: true, fault: FAULT });
    expect(field.sent).toEqual(["loss"]);
    expect(field.typed).toEqual(["l", "lo", "los", "loss", "lossx"]);
  });

  test("with Enter and when the focus leaves, right or wrong, but not unchanged", () => {
    const field = focused("loss");
    expect(field.press("Enter")).toBe(true);
    field.model.blur();
    expect(field.sent).toEqual([]);
    field.model.focus();
    field.model.moveCursor(4);
    field.type("+");
    field.model.blur();
    expect(field.sent).toEqual(["loss+"]);
  });

  test("never what is wrong, where all charts would fail by it", () => {
    const field = focused("loss");
    field.model.moveCursor(4);
    field.type("+");
    field.render({ isStrict: true, isChecked: true, fault: FAULT });
    field.press("Enter");
    field.model.blur();
    expect(field.sent).toEqual([]);
  });

  test("entered before it was checked, once it is known to be right", () => {
    const field = focused();
    field.render({ isStrict: true });
    field.type("loss");
    field.press("Enter");
    expect(field.sent).toEqual([]);
    field.render({ isStrict: true, isChecked: true });
    expect(field.sent).toEqual(["loss"]);
  });

  test("entered before it was checked, and the menu around it closed at once", () => {
    const field = focused();
    field.render({ isStrict: true });
    field.type("loss");
    field.press("Escape"); // closes the list
    field.press("Enter");
    field.press("Escape");
    expect(field.sent).toEqual(["loss"]);
    field.render({ isStrict: true, isChecked: true });
    expect(field.sent).toEqual(["loss"]);
  });

  test("in the server's words, where a slash is part of a metric's name", () => {
    const field = focused();
    field.type("val/loss/2");
    field.press("Enter");
    expect(field.sent).toEqual([exactText(tokensOf("val/loss/2", KNOWN.has))]);
    expect(field.sent[0]).not.toBe("val/loss/2");
  });

  test("again, once the metrics are known and a slash means something else", () => {
    const field = focused();
    const unknown = { has: () => false, isLoaded: false };
    field.render({ projectNames: unknown });
    field.type("loss/lr");
    field.press("Enter");
    field.render({ projectNames: unknown });
    expect(field.sent).toEqual(['"loss/lr"']);
    field.render();
    expect(field.sent).toEqual(['"loss/lr"', "loss/lr"]);
  });
});

test("a parent that takes nothing is told once, and the field keeps what was typed", () => {
  const field = focused();
  const texts: string[] = [];
  const deaf = { text: "", onText: (next: string) => texts.push(next) };
  field.type("loss");
  field.render({ ...deaf, isChecked: true });
  field.render({ ...deaf, isChecked: true });
  expect(texts).toEqual(["loss"]);
  field.model.blur();
  field.render(deaf);
  expect(field.draft()).toBe("loss");
});

describe("a text from outside", () => {
  test("is shown, as a person would type it", () => {
    const field = focused("loss");
    field.give('"val/loss" - loss');
    expect(field.draft()).toBe("val/loss - loss");
  });

  test("does not replace what was typed since the field handed it on itself", () => {
    const field = focused();
    field.type("loss");
    field.render({ isChecked: true });
    field.type(" + l");
    field.render();
    expect(field.draft()).toBe("loss + l");
  });
});

describe("offers", () => {
  test("are listed while a name is typed, and not once it is written out or between words", () => {
    const field = focused();
    expect(field.list().isListed).toBe(false);
    field.type("accu");
    expect(field.list()).toMatchObject({ isListed: true, active: 0 });
    expect(field.names()).toContain("val/accuracy");
    field.type("racy ");
    expect(field.list().isListed).toBe(false);
  });

  test.each(["Tab", "Enter"])("%s takes the first of a half-typed name, or what arrows chose", (key) => {
    const field = focused();
    field.type("val");
    const first = field.names()[0]!;
    expect(field.press(key)).toBe(true);
    expect(field.draft()).toBe(first);
    expect(field.cursors).toEqual([first.length]);
    expect(field.sent).toEqual([]);
    field.type(" + v");
    field.press("ArrowDown");
    const second = field.names()[1]!;
    field.press(key);
    expect(field.draft()).toBe(`${first} + ${second}`);
  });

  test("Enter gives a name that is written out the quotes that it needs", () => {
    const field = focused();
    field.type("loss / hit#1");
    expect(field.list().isListed).toBe(true);
    field.press("Enter");
    expect(field.draft()).toBe('loss / "hit#1"');
    expect(field.list().isListed).toBe(false);
    field.press("Enter");
    expect(field.sent).toEqual(['loss / "hit#1"']);
  });

  test("Tab keeps what a word divides, and leaves the field once the divisor is written out", () => {
    const field = focused();
    field.type("val/loss/accur");
    field.press("Tab");
    expect(field.draft()).toBe("val/loss/val/accuracy");
    field.press("Enter");
    field.type("/lr");
    expect(field.list().isListed).toBe(false);
    expect(field.press("Tab")).toBe(false);
  });

  test("Enter is the end of a name that is written out, and of one whose offers are not all there", () => {
    const field = focused();
    field.type("loss");
    field.press("Enter");
    expect(field.sent).toEqual(["loss"]);
    field.type("/lr");
    field.press("Enter");
    expect(field.sent.at(-1)).toBe("loss/lr");
    field.type(" + va");
    field.render({ areCurrent: false });
    expect(field.model.press({ key: "Enter", shiftKey: false })).toBe(true);
    expect(field.draft()).toBe("loss/lr + va");
    expect(field.sent.at(-1)).toBe("loss/lr + va");
  });

  test("arrows stop at both ends, and the mark stays with its name as the list changes", () => {
    const field = focused();
    field.type("l");
    for (let n = 0; n < 20; n++) field.press("ArrowDown");
    expect(field.list().active).toBe(field.names().length - 1);
    for (let n = 0; n < 20; n++) field.press("ArrowUp");
    expect(field.list().active).toBe(0);
    field.press("ArrowDown");
    const { marked } = field.model.store.getState();
    const reversed = field.list().shown.toReversed();
    const moved = offersIn(field.model.store.getState(), reversed, KNOWN.has);
    expect(`metric:${moved.shown[moved.active]!.name}`).toBe(marked);
  });

  test("Tab in an empty field, and with Shift, leaves it", () => {
    const field = focused();
    expect(field.press("Tab")).toBe(false);
    field.type("lo");
    expect(field.press("Tab", true)).toBe(false);
  });

  test("a Tab that comes before the offers takes the first of them when they come", () => {
    const field = focused();
    field.render({ areCurrent: false, offered: [] });
    field.type("los");
    expect(field.press("Tab")).toBe(true);
    expect(field.draft()).toBe("los");
    field.render();
    expect(field.draft()).toBe("loss");
  });

  test("a Tab that was awaited is forgotten by the next letter", () => {
    const field = focused();
    field.render({ areCurrent: false, offered: [] });
    field.type("l");
    field.press("Tab");
    field.type("o");
    field.render();
    expect(field.draft()).toBe("lo");
  });

  test("F1 lists all functions, one of which is taken with its parenthesis; Escape closes the list first", () => {
    const field = focused();
    field.press("F1");
    expect(field.names()).toContain("rolling_mean");
    expect(field.press("Escape")).toBe(true);
    expect(field.list().isListed).toBe(false);
    expect(field.press("Escape")).toBe(false);
    field.press("F1");
    field.press("Enter");
    expect(field.draft()).toBe("abs(");
  });
});

test("what is wrong is put right and handed on at once", () => {
  const field = focused();
  field.type("los + lr");
  field.model.fix(FAULT, "loss");
  expect(field.draft()).toBe("loss + lr");
  expect(field.sent).toEqual(["loss + lr"]);
});
