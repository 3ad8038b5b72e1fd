import { describe, expect, it } from "vitest";
import { autoPanelId, makePanel } from "../view/panel";
import { FIRST_VIEW, panelOf, type View } from "../view/view";
import { type Board, homesOf, makeBoard } from "./board";
import { dropAt, GAP, HEAD_HEIGHT, layoutBoard, PANEL_HEIGHT, sectionGapAt } from "./layout";
import {
  addPanel,
  addSection,
  duplicatePanel,
  hidePanels,
  movePanel,
  moveSection,
  removePanels,
  removeSection,
  resizePanel,
  showPanels,
} from "./moves";

const HOMES = homesOf(["loss", "val/acc", "val/loss", "val/m10", "val/m9", "train/loss", "system.cpu"]);

function boardOf(view: View, search?: string): Board {
  return makeBoard(HOMES, view, search === undefined ? null : (name) => name.includes(search));
}

/** `section: panels` of each section, as a person reads it. */
function read(view: View, search?: string): string[] {
  return boardOf(view, search).sections.map(
    ({ title, ids }) => `${title}: ${ids().map((id) => view.panels[id]?.title ?? id.replace("auto:", ""))}`,
  );
}

function moved(view: View, id: string, section: string, index: number): View {
  return { ...view, ...movePanel(view, boardOf(view), id, section, index) };
}

const auto = autoPanelId;

describe("a board", () => {
  it("has sections by prefix, and panels by name with numbers by value", () => {
    expect(read(FIRST_VIEW)).toEqual([
      "charts: loss",
      "train: train/loss",
      "val: val/acc,val/loss,val/m9,val/m10",
      "system: system.cpu",
    ]);
  });

  it("has plain names first and the system's last", () => {
    const names = ["val/loss", "loss", "system.cpu.percent", "layer/10", "layer/2", "/odd", "val/acc"];
    const { sections } = makeBoard(homesOf(names), FIRST_VIEW, null);
    expect(sections.map(({ name, ids }) => [name, ...ids().map((id) => id.replace("auto:", ""))])).toEqual([
      ["charts", "/odd", "loss"],
      ["layer", "layer/2", "layer/10"],
      ["val", "val/acc", "val/loss"],
      ["system", "system.cpu.percent"],
    ]);
  });

  it("has a panel for each metric that is a histogram, among those of numbers", () => {
    const board = makeBoard(homesOf(["grad/a", "grad/b"]), FIRST_VIEW, null, new Set(["grad/b"]));
    const ids = board.sections[0]?.ids() ?? [];
    expect(ids.map((id) => panelOf(FIRST_VIEW, id)?.kind)).toEqual(["line", "histogram"]);
    const own = panelOf(FIRST_VIEW, ids[1] ?? "");
    expect([own?.section, own?.keys]).toEqual(["grad", ["grad/b"]]);
  });

  it("finds panels by any of their names, also in hidden sections", () => {
    const own = makePanel("p1", "line", "train", { expressions: [{ name: "gap", text: "a - b" }] });
    const view = { ...FIRST_VIEW, ...addPanel(FIRST_VIEW, own), sections: { val: { isHidden: true } } };
    expect(read(view, "m9")).toEqual(["val: val/m9"]);
    expect(read(view, "gap")).toEqual(["train: p1"]);
    expect(read(view).some((line) => line.startsWith("val"))).toBe(false);
  });

  it("moves a panel within its section and keeps no more of the order than it must", () => {
    const view = moved(FIRST_VIEW, auto("val/m10"), "val", 1);
    expect(read(view)).toContain("val: val/acc,val/m10,val/loss,val/m9");
    expect(view.sections.val?.order).toEqual([auto("val/acc"), auto("val/m10")]);
    const later = moved(view, auto("val/acc"), "val", 4);
    expect(read(later)).toContain("val: val/m10,val/loss,val/m9,val/acc");
    expect(movePanel(view, boardOf(view), auto("val/acc"), "val", 1)).toBeUndefined();
  });

  it("moves a panel to another section and forgets it when it comes home", () => {
    const away = moved(FIRST_VIEW, auto("val/loss"), "train", 0);
    expect(read(away).slice(1, 3)).toEqual(["train: val/loss,train/loss", "val: val/acc,val/m9,val/m10"]);
    const back = moved(away, auto("val/loss"), "val", 1);
    expect(read(back)).toEqual(read(FIRST_VIEW));
    expect(back.panels).toEqual({});
  });

  it("duplicates after the original, hides, shows and takes away", () => {
    const copy = duplicatePanel(FIRST_VIEW, boardOf(FIRST_VIEW), auto("val/acc"), { title: "copy" })!;
    let view: View = { ...FIRST_VIEW, ...copy.part, full: copy.id };
    expect(read(view)).toContain("val: val/acc,copy,val/loss,val/m9,val/m10");
    view = { ...view, ...hidePanels(view, [copy.id, auto("val/m9")]) };
    expect(read(view)).toContain("val: val/acc,val/loss,val/m10");
    expect(view.full).toBeNull();
    view = { ...view, ...showPanels(view, [auto("val/m9")]) };
    view = { ...view, ...removePanels(view, [copy.id]) };
    expect(read(view)).toEqual(read(FIRST_VIEW));
    expect(view.hiddenPanels).toEqual([]);
  });

  it("makes, orders and takes away sections", () => {
    let view: View = { ...FIRST_VIEW, ...addSection(FIRST_VIEW, boardOf(FIRST_VIEW), "mine") };
    expect(read(view)[0]).toBe("mine: ");
    expect(addSection(view, boardOf(view), "val")).toBeNull();
    view = moved(view, auto("val/acc"), "mine", 0);
    view = { ...view, ...moveSection(view, boardOf(view), "mine", 3) };
    expect(boardOf(view).sections.map(({ name }) => name)).toEqual([
      "charts",
      "train",
      "mine",
      "val",
      "system",
    ]);
    const mine = boardOf(view).sections[2]!;
    view = { ...view, ...removeSection(view, mine) };
    expect(read(view)).toEqual(read(FIRST_VIEW));
    expect(view.panels).toEqual({});
  });
});

describe("the layout", () => {
  const WIDTH = 1200;

  it("lets small sections share a row, and gives a closed one its own", () => {
    const placed = layoutBoard(boardOf(FIRST_VIEW), WIDTH).sections;
    const [charts, train, val, system] = placed.map(({ box }) => box);
    expect(charts).toMatchObject({ x: 0, y: 0, height: HEAD_HEIGHT + PANEL_HEIGHT + GAP });
    expect(train!.y).toBe(0);
    expect(train!.x).toBeCloseTo((WIDTH + GAP) / 3);
    expect(val).toMatchObject({ x: 0, y: charts!.height });
    expect(system).toMatchObject({ x: 0, width: WIDTH, height: HEAD_HEIGHT });
  });

  it("wraps panels with sizes of their own, and pages by rows", () => {
    let view: View = { ...FIRST_VIEW, sections: { val: { rows: 1, page: 1 } } };
    view = { ...view, ...resizePanel(view, auto("val/loss"), { span: 12, height: 400 }) };
    const pages = [0, 1, 2].map((page) => {
      const paged = { ...view, sections: { val: { rows: 1, page } } };
      const val = layoutBoard(boardOf(paged), WIDTH).sections.find(({ section }) => section.name === "val")!;
      return [val.nPages, val.first, val.cells.map(({ height }) => height)];
    });
    expect(pages).toEqual([
      [3, 0, [PANEL_HEIGHT]],
      [3, 1, [400]],
      [3, 2, [PANEL_HEIGHT, PANEL_HEIGHT]],
    ]);
    const val = layoutBoard(boardOf(view), WIDTH).sections.find(({ section }) => section.name === "val")!;
    expect([0, 1, 2, 3].map(val.pageOf)).toEqual([0, 1, 2, 2]);
  });

  it("lays out a section with 100,000 panels without its names", () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `m/${i}`);
    const board = makeBoard(homesOf(names), { ...FIRST_VIEW, sections: { m: { page: 4000 } } }, null);
    const [m] = layoutBoard(board, WIDTH).sections;
    expect(m).toMatchObject({ page: 4000, first: 72_000, nPages: Math.ceil(100_000 / 18) });
    expect(board.sections[0]!.ids()[72_000]).toBe(auto("m/72000"));
  });

  it("tells where a panel would be put", () => {
    const layout = layoutBoard(boardOf(FIRST_VIEW), WIDTH);
    const val = layout.sections.find(({ section }) => section.name === "val")!;
    const at = (x: number, y: number) => {
      const drop = dropAt(layout, x, val.box.y + HEAD_HEIGHT + y);
      return drop && [drop.section, drop.index];
    };
    expect(at(10, 10)).toEqual(["val", 0]);
    expect(at(390, 10)).toEqual(["val", 1]);
    expect(at(1190, 10)).toEqual(["val", 3]);
    // right of the last panel of the last row
    expect(at(1100, PANEL_HEIGHT + GAP + 20)).toEqual(["val", 4]);
    // a closed section takes it at its end
    expect(dropAt(layout, 600, layout.height + 40)).toMatchObject({
      section: "system",
      index: 1,
      isHead: true,
    });
  });

  it("tells before which section another would be put", () => {
    const layout = layoutBoard(boardOf(FIRST_VIEW), WIDTH);
    const at = (x: number, y: number) => sectionGapAt(layout, x, y).index;
    // charts and train side by side, then val, then system
    expect([at(10, 100), at(390, 100), at(700, 100)]).toEqual([0, 1, 2]);
    const val = layout.sections[2]!.box;
    expect([at(10, val.y + 10), at(10, val.y + val.height - 10), at(10, layout.height + 9)]).toEqual([
      2, 3, 4,
    ]);
  });
});
