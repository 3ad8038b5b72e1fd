import { describe, expect, it } from "vitest";
import { autoPanelId, makePanel } from "../view/panel";
import { FIRST_VIEW, panelOf, settingsOf, type View } from "../view/view";
import { homesOf, makeBoard } from "./board";
import { copyPanel, copySection, paste, readCopied, takeBackPaste } from "./copied";

const SOURCE = homesOf(["val/acc", "val/loss"]);
const TARGET = homesOf(["val/f1", "loss"]);
const VIEW: View = {
  ...FIRST_VIEW,
  settings: { hasRaw: false },
  sections: { val: { title: "Validation", height: 300, settings: { yScale: "log" } } },
  panels: { made: makePanel("made", "bar", "val", { keys: ["val/acc"], span: 6 }) },
};

function pasted(text: string | null, view: View = FIRST_VIEW) {
  const copied = readCopied(text ?? "");
  if (!copied) throw new Error("nothing was copied");
  const outcome = paste(view, makeBoard(TARGET, view, null), copied);
  return { ...outcome, view: { ...view, ...outcome.part } };
}

describe("a copied panel", () => {
  it("goes to the section of its name, looks as before, and is a panel of its own", () => {
    const { view, ids, section, isMade } = pasted(copyPanel(VIEW, autoPanelId("val/loss")));
    expect([section, isMade, ids.length]).toEqual(["val", false, 1]);
    const panel = panelOf(view, ids[0]!)!;
    expect(panel.keys).toEqual(["val/loss"]);
    expect(panel.id).not.toBe(autoPanelId("val/loss"));
    const settings = settingsOf(view, panel);
    // its section's settings come with it, those of the workspace do not
    expect([settings.yScale, settings.hasRaw]).toEqual(["log", true]);
    const [first] = makeBoard(TARGET, view, null).sections.filter(({ name }) => name === "val");
    expect(first!.ids()).toEqual([ids[0], autoPanelId("val/f1")]);
  });

  it("makes a panel's section on a board that has none of that name", () => {
    const alone: View = { ...FIRST_VIEW, panels: { own: makePanel("own", "markdown", "notes") } };
    const { view, section, isMade } = pasted(copyPanel(alone, "own"));
    expect([section, isMade]).toEqual(["notes", true]);
    expect(makeBoard(TARGET, view, null).sections.map(({ name }) => name)).toContain("notes");
  });
});

describe("a copied section", () => {
  const board = makeBoard(SOURCE, VIEW, null);
  const text = copySection(VIEW, board.sections.find(({ name }) => name === "val")!);

  it("is made again with its panels in order and what is set of it", () => {
    const once = pasted(text);
    expect([once.section, once.isMade]).toEqual(["Validation", true]);
    const twice = pasted(text, once.view);
    expect(twice.section).toBe("Validation 2");
    const { view, ids } = twice;
    const section = makeBoard(TARGET, view, null).sections.find(({ name }) => name === "Validation 2")!;
    expect(section.ids()).toEqual(ids);
    expect(
      ids.map((id) => [panelOf(view, id)!.kind, panelOf(view, id)!.keys, panelOf(view, id)!.span]),
    ).toEqual([
      ["line", ["val/acc"], null],
      ["bar", ["val/acc"], 6],
      ["line", ["val/loss"], null],
    ]);
    expect([section.view.height, section.view.settings]).toEqual([300, { yScale: "log" }]);
  });

  it("is taken back without what was changed since", () => {
    const once = pasted(text);
    const changed = { ...once.view, filter: "lr > 1" };
    const view = { ...changed, ...takeBackPaste(changed, once) };
    expect(view).toEqual({ ...FIRST_VIEW, filter: "lr > 1" });
  });
});

it("reads no other text", () => {
  expect(readCopied("loss")).toBeNull();
  expect(readCopied('{"weft":"panels"')).toBeNull();
  expect(readCopied('{"weft":"panels","name":"a","title":"a","section":null,"panels":"none"}')).toBeNull();
});
