import { describe, expect, it, vi } from "vitest";
import { autoPanelId, makePanel, newPanelId } from "../view/panel";
import { FIRST_VIEW, panelOf, type SectionView, type View } from "../view/view";
import {
  type Board,
  type CommonSections,
  commonSections,
  homesOf,
  listedCount,
  makeBoard,
  panelTitle,
  sectionUse,
} from "./board";
import { dropAt, GAP, HEAD_HEIGHT, layoutBoard, PANEL_HEIGHT, sectionGapAt } from "./layout";
import {
  addPanel,
  addSection,
  duplicatePanel,
  hidePanels,
  movePanel,
  movePanelTo,
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

  it("finds a panel by the title that it shows", () => {
    const bar = makePanel("b", "bar", "charts", { keys: ["val/acc"] });
    const named = makePanel("n", "bar", "charts", { keys: ["val/acc"], title: "Best" });
    const view = { ...FIRST_VIEW, panels: { b: bar, n: named } };
    const titles = new Map([
      ["b", "val/acc by arch"],
      ["n", "never seen"],
    ]);
    const panelsFor = (search: string) =>
      makeBoard(HOMES, view, (name) => name.includes(search), { titles }).sections.flatMap(({ ids }) =>
        ids(),
      );
    expect(panelsFor("by arch")).toEqual(["b"]);
    expect(panelsFor("Best")).toEqual(["n"]);
    expect(panelsFor("never")).toEqual([]);
  });

  it("has counters behind the other panels of a section", () => {
    const names = ["epoch", "loss", "step_time", "train/global_step", "train/step", "train/steps_skipped"];
    const own = makePanel("own", "line", "charts", { title: "zeta" });
    const view = { ...FIRST_VIEW, panels: { own } };
    const { sections } = makeBoard(homesOf(names), view, null);
    expect(sections.map(({ ids }) => ids().map((id) => id.replace("auto:", "")))).toEqual([
      ["loss", "step_time", "own", "epoch"],
      ["train/steps_skipped", "train/global_step", "train/step"],
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

  it("has sections of many runs first, but for those a person moved, and the system's last", () => {
    const homes = homesOf(["a/x", "b/x", "b/y", "c/x", "loss", "system.cpu"]);
    const own = makePanel("p1", "markdown", "mine");
    const nRuns = new Map(
      Object.entries({ "a/x": 1, "b/x": 40, "b/y": 2, "c/x": 44, loss: 1, "system.cpu": 55 }),
    );
    const names = (view: View) => {
      const use = sectionUse(homes, nRuns);
      const board = makeBoard(homes, view, null, { use, common: commonSections(use) });
      return board.sections.map(({ name }) => name);
    };
    expect(names(FIRST_VIEW)).toEqual(["b", "c", "charts", "a", "system"]);
    expect(names({ ...FIRST_VIEW, panels: { p1: own } })).toEqual([
      "b",
      "c",
      "mine",
      "charts",
      "a",
      "system",
    ]);
    expect(names({ ...FIRST_VIEW, sectionOrder: ["a", "system"] })).toEqual([
      "a",
      "system",
      "b",
      "c",
      "charts",
    ]);
    // a section that came later, as of a run that has just begun, is after the others
    nRuns.delete("b/x");
    nRuns.delete("b/y");
    expect(names(FIRST_VIEW)).toEqual(["c", "charts", "a", "b", "system"]);
  });

  it("keeps the order of its sections when a run with any of their metrics begins", () => {
    const sections = ["charts", "eval", "perf", "train", "layers", "system"];
    let seed = 1;
    const random = () => {
      seed = (seed * 48271) % 2147483647;
      return seed / 2147483647;
    };
    const metricOf = (section: string) =>
      section === "charts" ? "loss" : section === "system" ? "system.cpu" : `${section}/a`;
    const homes = homesOf(sections.map(metricOf));
    const orderOf = (runs: readonly ReadonlySet<string>[], earlier?: CommonSections) => {
      const nRuns = new Map(
        sections.map((section) => [metricOf(section), runs.filter((run) => run.has(section)).length]),
      );
      const use = sectionUse(homes, nRuns);
      const common = commonSections(use, earlier);
      const board = makeBoard(homes, FIRST_VIEW, null, { use, common });
      return { common, names: board.all.map(({ name }) => name).filter((name) => use.get(name) !== 0) };
    };
    for (let round = 0; round < 500; round++) {
      const share = sections.map(() => random());
      const newRun = () => new Set(sections.filter((_, i) => random() < share[i]!));
      const runs = Array.from({ length: 1 + Math.floor(random() * 20) }, newRun);
      const before = orderOf(runs);
      const after = orderOf([...runs, newRun()], before.common);
      expect(after.names.filter((name) => before.names.includes(name))).toEqual(before.names);
    }
    // a section that few of many more runs have does go to the end
    const [old, later] = [new Set(["eval", "train"]), new Set(["train"])];
    const first = orderOf([old]);
    expect(first.names).toEqual(["eval", "train"]);
    expect(orderOf([old, later, later, later], first.common).names).toEqual(["eval", "train"]);
    expect(orderOf([old, later, later, later, later], first.common).names).toEqual(["train", "eval"]);
  });

  it("has sections with very many metrics after the others and closed, and step metrics folded at the end", () => {
    const layers = Array.from({ length: 256 }, (_, i) => `layers/${i}`);
    const steps = new Set(["tokens_seen", "trainer/global_step", "train/epoch"]);
    const names = [...layers, ...steps, "perf/mfu", "train/loss", "system.cpu"];
    const { sections } = makeBoard(homesOf(names), FIRST_VIEW, null, { steps });
    expect(sections.map(({ name, n, isClosedFirst }) => [name, n, isClosedFirst])).toEqual([
      ["perf", 1, false],
      ["train", 1, false],
      ["layers", 256, true],
      ["charts", 0, false],
      ["trainer", 0, false],
      ["system", 1, true],
    ]);
    expect(sections[1]!.foldable()).toEqual(["train/epoch"]);
    const search = makeBoard(homesOf(names), FIRST_VIEW, (name) => name.includes("epoch"), { steps });
    expect(search.sections.map(({ name, n }) => [name, n])).toEqual([["train", 1]]);
    const parts = ["attn.q", "attn.out", "conv", "ffn.w1", "ffn.w2"];
    const norms = [0, 1, 2, 3].flatMap((layer) => parts.map((part) => `grad_norm/encoder.${layer}.${part}`));
    // many of them that have each a name of their own are no layers
    const scores = Array.from("abcdefghijklmnopqrstuvwxyz", (letter) => `eval/${letter}`);
    const few = makeBoard(homesOf([...norms, ...scores, "train/loss", "val/wer"]), FIRST_VIEW, null);
    expect(few.sections.map(({ name, isClosedFirst }) => [name, isClosedFirst])).toEqual([
      ["eval", false],
      ["train", false],
      ["val", false],
      ["grad_norm", true],
    ]);
    // where a person put it, it stays
    const moved = { ...FIRST_VIEW, sectionOrder: ["grad_norm"] };
    expect(makeBoard(homesOf([...norms, "train/loss"]), moved, null).sections[0]!.name).toBe("grad_norm");
    // slices of the data are what a project is after
    const slices = Array.from(
      { length: 150 },
      (_, i) => `eval/${String.fromCharCode(97 + (i % 26))}${"x".repeat(i / 26)}`,
    );
    const sliced = makeBoard(homesOf([...slices, "train/loss"]), FIRST_VIEW, null).sections;
    expect(sliced.map(({ name, isClosedFirst }) => [name, isClosedFirst])).toEqual([
      ["eval", false],
      ["train", false],
    ]);
    // alone they are what there is to see
    expect(makeBoard(homesOf(layers), FIRST_VIEW, null).sections[0]!.isClosedFirst).toBe(false);
  });

  it("has sections of histograms alone after those with numbers", () => {
    const objects = new Map([
      ["params/w", "histogram"],
      ["sample", "media"],
      ["weights", "histogram"],
    ] as const);
    const namesWith = (metrics: string[]) =>
      makeBoard(homesOf(metrics, null, objects), FIRST_VIEW, null, { objects }).sections.map(
        ({ name }) => name,
      );
    const metrics = ["params/w", "sample", "weights", "train/loss"];
    expect(namesWith(metrics)).toEqual(["train", "charts", "params", "media"]);
    expect(namesWith([...metrics, "params/norm"])).toEqual(["params", "train", "charts", "media"]);
  });

  it("has a section of counters alone after the others, though no metric is over them", () => {
    const names = (metrics: string[]) =>
      makeBoard(homesOf(metrics), FIRST_VIEW, null).sections.map(({ name }) => name);
    expect(names(["epoch", "train/loss", "val/loss"])).toEqual(["train", "val", "charts"]);
    expect(names(["epoch", "loss", "val/loss"])).toEqual(["charts", "val"]);
  });

  it("folds panels without data, but for those changed, put somewhere or searched for", () => {
    const has = new Set(["val/acc", "train/loss"]);
    const board = (view: View, test: ((name: string) => boolean) | null = null) =>
      makeBoard(HOMES, view, test, { hasData: (metric) => has.has(metric) }).sections;
    const of = (view: View, name: string) => {
      const section = board(view).find((candidate) => candidate.name === name)!;
      return [section.ids().map((id) => id.replace("auto:", "")), section.foldable(), section.n];
    };
    expect(of(FIRST_VIEW, "val")).toEqual([["val/acc"], ["val/loss", "val/m9", "val/m10"], 1]);
    expect(of(FIRST_VIEW, "charts")).toEqual([[], ["loss"], 0]);
    const sized = { ...FIRST_VIEW, ...resizePanel(FIRST_VIEW, auto("val/m9"), { span: 12, height: 400 }) };
    expect(of(sized, "val")).toEqual([["val/acc", "val/m9"], ["val/loss", "val/m10"], 2]);
    const placed = { ...FIRST_VIEW, sections: { val: { order: [auto("val/m10")] } } };
    expect(of(placed, "val")).toEqual([["val/m10", "val/acc"], ["val/loss", "val/m9"], 2]);
    const open = { ...FIRST_VIEW, sections: { val: { areEmptyShown: true } } };
    expect(of(open, "val").slice(1)).toEqual([["val/loss", "val/m9", "val/m10"], 4]);
    expect(board(FIRST_VIEW, (name) => name.includes("m9"))[0]!.ids()).toEqual([auto("val/m9")]);
  });

  it("has many metrics of one run of several closed, until a person opens them", () => {
    const many = Array.from({ length: 13 }, (_, i) => `layers/${i}`);
    const homes = homesOf([...many, "few/a", "train/loss", "system.cpu"]);
    const isOpen = (counts: Record<string, number>, view: View = FIRST_VIEW) => {
      const nRuns = new Map(
        Object.entries({ ...Object.fromEntries(many.map((name) => [name, 1])), ...counts }),
      );
      const board = makeBoard(homes, view, null, { use: sectionUse(homes, nRuns) });
      return layoutBoard(board, 1200)
        .sections.filter((placed) => placed.isOpen)
        .map(({ section }) => section.name);
    };
    const counts = { "few/a": 1, "train/loss": 40, "system.cpu": 40 };
    expect(isOpen(counts).toSorted()).toEqual(["few", "train"]);
    expect(isOpen({ ...counts, "layers/7": 2 }).toSorted()).toEqual(["few", "layers", "train"]);
    // in a project of one run all is of one run
    expect(isOpen({ ...counts, "train/loss": 1 }).toSorted()).toEqual(["few", "layers", "train"]);
    const samples = homesOf([...many.map((name) => `system.${name}`), "train/loss"]);
    const once = sectionUse(samples, new Map(Object.entries({ "system.layers/0": 1, "train/loss": 40 })));
    const { sections } = makeBoard(samples, FIRST_VIEW, null, { use: once });
    expect(sections.map(({ name, isOfOneRun }) => [name, isOfOneRun])).toEqual([
      ["train", false],
      ["system", false],
    ]);
    const opened = { ...FIRST_VIEW, sections: { layers: { isOpen: true } } };
    expect(isOpen(counts, opened)).toContain("layers");
  });

  it("has metrics `system.…` that only scripts logged among the script's own", () => {
    const homes = homesOf(["loss", "system.cpu", "system.loss"], new Set(["system.cpu"]));
    const idsOf = (view: View) =>
      makeBoard(homes, view, null).sections.map(({ name, ids }) => [name, ...ids()]);
    expect(idsOf(FIRST_VIEW)).toEqual([
      ["charts", "auto:loss", "logged:system.loss"],
      ["system", "auto:system.cpu"],
    ]);
    const panel = panelOf(FIRST_VIEW, "logged:system.loss");
    expect([panel?.section, panel?.kind, panel?.keys]).toEqual(["charts", "line", ["system.loss"]]);
    expect(panel && panelTitle(panel)).toBe("system.loss");
    const without = { ...FIRST_VIEW, ...hidePanels(FIRST_VIEW, ["logged:system.loss"]) };
    expect(idsOf(without)[0]).toEqual(["charts", "auto:loss"]);
    const withSection = {
      ...FIRST_VIEW,
      ...addSection(FIRST_VIEW, makeBoard(homes, FIRST_VIEW, null), "mine"),
    };
    const away = { ...withSection, ...movePanelTo(withSection, "logged:system.loss", "mine") };
    expect(idsOf(away)).toContainEqual(["mine", "logged:system.loss"]);
    const ownSection = makeBoard(homes, away, null).sections.find(({ name }) => name === "mine");
    expect(ownSection && idsOf({ ...away, ...removeSection(away, ownSection) })).toEqual(idsOf(FIRST_VIEW));
  });

  it("has a panel for each metric that is a histogram, among those of numbers", () => {
    const board = makeBoard(homesOf(["grad/a", "grad/b"]), FIRST_VIEW, null, {
      objects: new Map([["grad/b", "histogram"]]),
    });
    const ids = board.sections[0]?.ids() ?? [];
    expect(ids.map((id) => panelOf(FIRST_VIEW, id)?.kind)).toEqual(["line", "histogram"]);
    const own = panelOf(FIRST_VIEW, ids[1] ?? "");
    expect([own?.section, own?.keys]).toEqual(["grad", ["grad/b"]]);
  });

  it("has images and the like in a section of their own, before the system's", () => {
    const objects = new Map([["val/sample", "media"]] as const);
    const homes = homesOf(["val/sample", "val/acc", "zero/x", "system.cpu"], null, objects);
    const { sections } = makeBoard(homes, FIRST_VIEW, null, { objects });
    expect(sections.map(({ name }) => name)).toEqual(["val", "zero", "media", "system"]);
    const [id] = sections[2]!.ids();
    const panel = panelOf(FIRST_VIEW, id!)!;
    expect([panel.kind, panel.section, panel.keys]).toEqual(["media", "media", ["val/sample"]]);
    // one that was moved elsewhere is no longer at home
    const away = { ...FIRST_VIEW, panels: { [id!]: { ...panel, section: "val" } } };
    const names = makeBoard(homes, away, null, { objects }).sections.map(({ name, n }) => [name, n]);
    expect(names).toContainEqual(["val", 2]);
    expect(names).toContainEqual(["media", 0]);
  });

  it("finds panels by any of their names, also in hidden sections", () => {
    const own = makePanel("p1", "line", "train", { expressions: [{ name: "gap", text: "a - b" }] });
    const view = { ...FIRST_VIEW, ...addPanel(FIRST_VIEW, own), sections: { val: { isHidden: true } } };
    expect(read(view, "m9")).toEqual(["val: val/m9"]);
    expect(read(view, "gap")).toEqual(["train: p1"]);
    expect(read(view).some((line) => line.startsWith("val"))).toBe(false);
  });

  it("ends a search that a new panel would not be seen under, and only such a one", () => {
    const own = makePanel("p1", "parallel", "train");
    const searched = (panelSearch: string) => ({ ...FIRST_VIEW, panelSearch });
    expect(addPanel(searched("error_hist"), own).panelSearch).toBe("");
    expect(addPanel(searched("parallel"), own)).not.toHaveProperty("panelSearch");
    expect(addPanel(FIRST_VIEW, own)).not.toHaveProperty("panelSearch");
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
    // a search that finds nothing in it does not make it a new one
    expect(addSection(view, boardOf(view, "train"), "val")).toBeNull();
    view = moved(view, auto("val/acc"), "mine", 0);
    view = { ...view, ...moveSection(view, boardOf(view), "mine", 3) };
    expect(boardOf(view).sections.map(({ name }) => name)).toEqual([
      "charts",
      "train",
      "mine",
      "val",
      "system",
    ]);
    const ownSection = boardOf(view).sections[2]!;
    view = { ...view, ...removeSection(view, ownSection) };
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

  it("gives a panel with a size of its own the whole row where panels stand one below another", () => {
    const view = { ...FIRST_VIEW, ...resizePanel(FIRST_VIEW, auto("val/loss"), { span: 6 }) };
    const spansAt = (width: number) => {
      const { sections, pitch } = layoutBoard(boardOf(view), width);
      const val = sections.find(({ section }) => section.name === "val")!;
      return val.cells.map((cell) => Math.round((cell.width + GAP) / pitch));
    };
    expect(new Set(spansAt(508))).toEqual(new Set([12]));
    expect(new Set(spansAt(1000))).toEqual(new Set([4, 6]));
  });

  it("leaves no panel alone on the last page", () => {
    const pagesOf = (n: number, part: Partial<SectionView>) => {
      const homes = homesOf(Array.from({ length: n }, (_, i) => `m/${i}`));
      const at = (page: number) =>
        layoutBoard(makeBoard(homes, { ...FIRST_VIEW, sections: { m: { ...part, page } } }, null), WIDTH)
          .sections[0]!;
      return Array.from({ length: at(0).nPages }, (_, page) => at(page).cells.length);
    };
    expect(pagesOf(9, { rows: 3 })).toEqual([9]);
    expect(pagesOf(10, { rows: 3 })).toEqual([10]);
    expect(pagesOf(11, { rows: 3 })).toEqual([9, 2]);
    expect(pagesOf(19, { rows: 3 })).toEqual([9, 10]);
    expect(pagesOf(22, { rows: 3 })).toEqual([9, 9, 4]);
    expect(pagesOf(3, { rows: 1, span: 6 })).toEqual([3]);
    // one panel a page is what was asked for
    expect(pagesOf(3, { rows: 1, span: 12 })).toEqual([1, 1, 1]);
    const homes = homesOf(Array.from({ length: 19 }, (_, i) => `m/${i}`));
    const [m] = layoutBoard(
      makeBoard(homes, { ...FIRST_VIEW, sections: { m: { rows: 3, page: 7 } } }, null),
      WIDTH,
    ).sections;
    expect([m!.page, m!.first, m!.pageOf(18)]).toEqual([1, 9, 1]);
  });

  it("shows the page of a held panel until the section is turned to another", () => {
    const homes = homesOf(Array.from({ length: 40 }, (_, i) => `m/${i}`));
    const at = (width: number, page: number) => {
      const sections = { m: { rows: 2, page } };
      const board = makeBoard(homes, { ...FIRST_VIEW, sections }, null);
      const held = { id: auto("m/11"), section: "m", page: 1 };
      const { first, cells } = layoutBoard(board, width, held).sections[0]!;
      return [first, cells.length];
    };
    expect([at(1000, 1), at(600, 1), at(600, 0)]).toEqual([
      [6, 6],
      [8, 4],
      [0, 4],
    ]);
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

it("gives a panel its id also on a page over plain HTTP", () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  expect(newPanelId()).toMatch(/^[0-9a-f]{8}$/);
  vi.unstubAllGlobals();
});

it("counts the panels of a section as its pages do, and folded ones where there are no others", () => {
  expect(listedCount({ n: 9, nFolded: 1 })).toBe(9);
  expect(listedCount({ n: 0, nFolded: 3 })).toBe(3);
});
