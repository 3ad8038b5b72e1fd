import { expect, test } from "vitest";
import { boardOfGrid, heightOfRows, rowsOfGrid, viewOfGrid, workspaceOf } from "./grid";
import { outlineOf, plainText, readingMinutes, referencesOf } from "./outline";
import { readReport } from "./read";

const GRID = {
  id: "g1",
  kind: "grid",
  runSets: {
    all: { project: "lab/mnist", filter: "state = 'finished'", groupBy: ["config.lr"], later: 1 },
    one: {
      isShown: false,
      order: [{ column: "created" }],
      selection: { base: "none", on: ["r1"] },
      runColors: { r1: 3, r2: 99 },
    },
  },
  runSetOrder: ["one"],
  panels: {
    b: { kind: "line", keys: ["loss"], span: 6 },
    a: { kind: "scalar", keys: ["acc"], span: 6, height: 120, settings: { yScale: "log", unknown: 1 } },
    c: { kind: "hologram" },
  },
  panelOrder: ["b"],
  settings: { smoothing: { kind: "ema", amount: 0.6 } },
};

const DOCUMENT = {
  schema: 1,
  title: "Ablation",
  blocks: [
    { id: "h1", kind: "heading", level: 1, text: [{ text: "Results: " }, { text: "all", marks: ["bold"] }] },
    { id: "h2", kind: "heading", level: 2, text: [{ text: "Results, all" }] },
    {
      id: "p1",
      kind: "paragraph",
      text: [
        { text: "See ", marks: ["bold", "blink"] },
        { text: "paper", link: "https://example.org" },
        { text: "trap", link: "javascript:alert(1)" },
        { text: "host", link: "//evil.example" },
        { kind: "value", run: "lab/mnist/r1", key: "summary.acc", format: 3 },
        { kind: "mention", user: "ada" },
        { kind: "hologram", of: "x" },
      ],
    },
    {
      id: "l1",
      kind: "list",
      style: "check",
      items: [{ checked: true, blocks: [{ kind: "heading", level: 3, text: [{ text: "Results, all" }] }] }],
    },
    { id: "c1", kind: "card", of: "metric", path: "lab/mnist/r2", key: "loss" },
    { id: "v1", kind: "video", url: "javascript:alert(1)" },
    { id: "x1", kind: "constructor" },
    GRID,
  ],
};

test("a document is read with its defaults, and what it holds besides becomes an unknown block", () => {
  const { title, width, blocks } = readReport(DOCUMENT);
  expect([title, width]).toEqual(["Ablation", "readable"]);
  expect(blocks.map(({ kind }) => kind)).toEqual([
    "heading",
    "heading",
    "paragraph",
    "list",
    "card",
    "unknown",
    "unknown",
    "grid",
  ]);
  expect(readReport(null)).toEqual({ title: "", description: "", width: "readable", blocks: [] });
  expect(readReport({ blocks: [{ kind: "quote", blocks: "no" }, 3] }).blocks).toEqual([
    { kind: "quote", id: "block-1", blocks: [] },
    { kind: "unknown", of: "", id: "block-2" },
  ]);
});

test("links lead to the web, to mail, to this server or this page, and run no script", () => {
  const paragraph = readReport(DOCUMENT).blocks[2];
  if (paragraph?.kind !== "paragraph") throw new Error("no paragraph");
  expect(paragraph.text.map((piece) => (piece.kind === "text" ? piece.link : piece.kind))).toEqual([
    null,
    "https://example.org",
    null,
    null,
    "value",
    "mention",
    "unknown",
  ]);
  expect(paragraph.text[0]).toMatchObject({ marks: ["bold"] });
  expect(plainText(paragraph.text)).toBe("See papertraphost@ada");
});

test("headings of the same text have different anchors, also inside of other blocks", () => {
  expect(outlineOf(readReport(DOCUMENT)).map(({ anchor, level }) => [anchor, level])).toEqual([
    ["results-all", 1],
    ["results-all-2", 2],
    ["results-all-3", 3],
  ]);
});

test("runs of live values and cards are listed by project", () => {
  expect(referencesOf(readReport(DOCUMENT))).toEqual([
    { entity: "lab", project: "mnist", runs: ["r1", "r2"], columns: ["summary.acc", "summary.loss"] },
  ]);
});

test("a text of hundreds of words takes minutes", () => {
  const text = [{ text: "word ".repeat(660) }];
  expect(readingMinutes(readReport({ blocks: [{ kind: "paragraph", text }] }))).toBe(3);
  expect(readingMinutes(readReport({}))).toBe(1);
});

function grid() {
  const block = readReport(DOCUMENT).blocks.at(-1);
  if (block?.kind !== "grid") throw new Error("no grid");
  return block;
}

test("run sets and panels of a grid come in its order, then by id", () => {
  const { runSets, panels, unknownPanels, settings } = grid();
  expect(runSets.map(({ id }) => id)).toEqual(["one", "all"]);
  expect(runSets[0]).toMatchObject({
    isShown: false,
    order: [{ column: "created", descending: false }],
    selection: { base: "none", on: ["r1"], off: [] },
    runColors: { r1: 3 },
  });
  expect(runSets[1]).toMatchObject({ project: "lab/mnist", selection: { base: "all" } });
  expect(panels.map(({ id, kind }) => [id, kind])).toEqual([
    ["g1.b", "line"],
    ["g1.a", "scalar"],
  ]);
  expect(panels[1]?.settings).toEqual({ yScale: "log" });
  expect(unknownPanels).toEqual(["hologram"]);
  expect(settings).toEqual({ smoothing: { kind: "ema", amount: 0.6 } });
});

test("panels stand in rows by their spans, and on a phone one below another", () => {
  const board = boardOfGrid(viewOfGrid(grid()), "Grid");
  const wide = rowsOfGrid(board, 1000);
  expect(wide.map(({ cells }) => cells.map(({ id }) => id))).toEqual([["g1.b", "g1.a"]]);
  expect(heightOfRows(wide)).toBe(236);
  const narrow = rowsOfGrid(board, 360);
  expect(narrow.map(({ cells, height }) => [cells[0]?.width, height])).toEqual([
    [360, 236],
    [360, 120],
  ]);
  expect(heightOfRows(narrow)).toBe(236 + 8 + 120);
});

test("the workspace of a panel has its run set, and the panel in full screen", () => {
  const { runSets } = grid();
  const view = workspaceOf(grid(), runSets[1] ?? null, "g1.b");
  expect(view).toMatchObject({ filter: "state = 'finished'", groupBy: ["config.lr"], full: "g1-b" });
  expect(view.panels["g1-b"]).toMatchObject({ kind: "line", keys: ["loss"], section: "From a report" });
});
