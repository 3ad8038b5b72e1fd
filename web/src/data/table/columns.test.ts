import { describe, expect, it } from "vitest";
import { FIRST_VIEW, type TableView } from "../view/view";
import type { ColumnFacts } from "./column-facts";
import {
  beginsHigh,
  changeTable,
  columnLabel,
  distinctLabels,
  inOrder,
  layoutColumns,
  siblingsOf,
} from "./columns";

const NUMBER = { number: 10 };
const FACTS: ColumnFacts[] = [
  { column: "state", kinds: { text: 10 }, n_runs: 10 },
  { column: "user", kinds: { text: 10 }, n_runs: 10, samples: ["ada", "eve"] },
  { column: "tags", kinds: { text: 3 }, n_runs: 3, samples: [["a"]] },
  { column: "notes", kinds: { text: 1 }, n_runs: 1, samples: ["best so far"] },
  { column: "config.lr", kinds: NUMBER, n_runs: 10, samples: [0.1, 0.01] },
  { column: "config.model.backbone", kinds: { text: 10 }, n_runs: 10, samples: ["vit", "swin"] },
  { column: "summary.val/acc.max", kinds: { number: 8, nonfinite: 2 }, n_runs: 10 },
  { column: "summary.val\\.loss", kinds: NUMBER, n_runs: 10 },
];
const ids = (view: TableView) => layoutColumns(FACTS, view).scrolled.map((column) => column.id);
const START = FIRST_VIEW.table;

describe("columns of the runs table", () => {
  it("begin with the run's own, then summary, then config", () => {
    expect(ids(START)).toEqual([
      "state",
      "created",
      "runtime",
      "user",
      "tags",
      "notes",
      "summary.val/acc.max",
      "summary.val\\.loss",
      "config.lr",
      "config.model.backbone",
    ]); // prettier-ignore
  });

  it("come by name, numbers in it by size", () => {
    const facts = ["summary.l10", "summary.l2", "summary.l1"].map((column) => ({
      column,
      kinds: NUMBER,
      n_runs: 1,
    }));
    const { available } = layoutColumns(facts, START);
    expect(available.slice(-3)).toEqual(["summary.l1", "summary.l2", "summary.l10"]);
  });

  it("say what their summary is of, and which stand at the right", () => {
    const by = new Map(layoutColumns(FACTS, START).scrolled.map((column) => [column.id, column]));
    expect(by.get("summary.val/acc.max")).toMatchObject({
      label: "val/acc",
      aggregate: "max",
      isNumeric: true,
    });
    expect(by.get("summary.val\\.loss")).toMatchObject({ label: "val.loss", aggregate: null });
    expect(by.get("config.model.backbone")).toMatchObject({ label: "model.backbone", isNumeric: false });
  });

  it("are called the same everywhere", () => {
    expect(columnLabel("config.optim.lr")).toBe("optim.lr");
    expect(columnLabel("summary.val/acc.max")).toBe("val/acc max");
    expect(columnLabel("created")).toBe("Created");
    expect(columnLabel("config_of.summary.x")).toBe("config_of.summary.x");
  });

  it("begin at the end that the goal asks for, or the name of a metric without one", () => {
    expect(beginsHigh("summary.loss.max", "minimize")).toBe(false);
    expect(beginsHigh("summary.acc.min", "maximize")).toBe(true);
    expect(beginsHigh("summary.loss.min", null)).toBe(false);
    expect(beginsHigh("summary.val_mae", null)).toBe(false);
    expect(beginsHigh("summary.val_mae", "maximize")).toBe(true);
    expect(beginsHigh("summary.loss.max", undefined)).toBe(false);
    expect(beginsHigh("summary.val/accuracy.min", null)).toBe(true);
    expect(beginsHigh("summary.epoch", null)).toBe(true);
    expect(beginsHigh("summary.epoch.min", null)).toBe(false);
    expect(beginsHigh("config.lr", null)).toBe(true);
    expect(beginsHigh("config.class_loss", null)).toBe(true);
    expect(beginsHigh("name", null)).toBe(false);
  });

  it("stand beside the name while runs are sorted by them and they would be out of sight", () => {
    const layout = (keys: string[], roomPx: number, view = START) => {
      const { pinned, scrolled } = layoutColumns(FACTS, view, keys, roomPx);
      return [pinned.map(({ id }) => id), scrolled.map(({ id }) => id)] as const;
    };
    // fits
    expect(layout(["state"], 400)[0]).toEqual([]);
    const [brought, others] = layout(["config.lr"], 400);
    expect(brought).toEqual(["config.lr"]);
    expect(others).not.toContain("config.lr");
    // off, or not known
    const hidden = { ...START, ...changeTable.hide(START, "state") };
    expect(layout(["state"], 4000, hidden)[0]).toEqual(["state"]);
    expect(layout(["summary.rare"], 4000)[0]).toEqual(["summary.rare"]);
    // before what is pinned
    const pinned = { ...START, pinned: ["config.model.backbone"] };
    expect(layout(["name", "config.lr"], 400, pinned)[0]).toEqual(["config.lr", "config.model.backbone"]);
  });

  it("are shown, hidden and kept alone by many", () => {
    let view: TableView = { ...START, ...changeTable.hideAll(START, ["config.lr", "state"]) };
    expect(ids(view)).not.toContain("state");
    view = { ...view, ...changeTable.showAll(view, ["state", "host"]) };
    expect(ids(view)).toEqual(expect.arrayContaining(["state", "host"]));
    view = { ...view, ...changeTable.showOnly(["config.lr"]) };
    expect(ids(view)).toEqual(["config.lr"]);
    expect(ids({ ...view, ...changeTable.reset() })).toEqual(ids(START));
  });

  it("give their place to another figure of the metric", () => {
    const facts = [...FACTS, { column: "summary.val/acc.last", kinds: NUMBER, n_runs: 10 }];
    expect(siblingsOf("summary.val/acc.max", facts)).toEqual(["summary.val/acc.last"]);
    expect(siblingsOf("config.lr", facts)).toEqual([]);
    const layout = layoutColumns(FACTS, START);
    const part = changeTable.exchange(layout, START, "summary.val/acc.max", "summary.val/acc.last");
    const shown = layoutColumns(facts, { ...START, ...part }).scrolled.map(({ id }) => id);
    expect(shown.indexOf("summary.val/acc.last")).toBe(ids(START).indexOf("summary.val/acc.max"));
    expect(shown).not.toContain("summary.val/acc.max");
  });

  it("are hidden, shown again, pinned and moved", () => {
    let view = { ...START, ...changeTable.hide(START, "config.lr") };
    expect(ids(view)).not.toContain("config.lr");
    view = { ...view, ...changeTable.show(view, "config.lr") };
    expect(ids(view)).toContain("config.lr");
    view = { ...view, ...changeTable.pin(view, "summary.val/acc.max", true) };
    expect(layoutColumns(FACTS, view).pinned.map((column) => column.id)).toEqual(["summary.val/acc.max"]);
    expect(ids(view)).not.toContain("summary.val/acc.max");
    view = { ...view, ...changeTable.move(layoutColumns(FACTS, view), "config.lr", "state") };
    expect(ids(view).slice(0, 2)).toEqual(["config.lr", "state"]);
    view = { ...view, ...changeTable.pin(view, "summary.val/acc.max", false) };
    expect(ids(view)).toContain("summary.val/acc.max");
    view = { ...view, ...changeTable.resize(view, "config.lr", 10) };
    expect(layoutColumns(FACTS, view).scrolled[0]?.widthPx).toBe(64);
  });

  it("that no run had when others were moved stand behind their neighbour", () => {
    expect(inOrder(["a", "b", "c", "d"], ["c", "a"])).toEqual(["c", "d", "a", "b"]);
    expect(inOrder(["a", "b"], [])).toEqual(["a", "b"]);
    expect(inOrder(["n", "a", "b"], ["b", "a"])).toEqual(["n", "b", "a"]);
  });

  it("may be ones that are not known yet", () => {
    const view = { ...START, pinned: ["summary.rare"] };
    expect(layoutColumns(FACTS, view).pinned[0]).toMatchObject({ label: "rare", isNumeric: true });
  });
});

it("names columns with their scope where two would read alike", () => {
  const labels = distinctLabels(["config.lr", "summary.lr", "summary.val/acc.max", "state", "config.state"]);
  expect([...labels.values()]).toEqual(["config.lr", "summary.lr", "val/acc max", "State", "config.state"]);
  expect([...distinctLabels(["summary.lr", "summary.lr"]).values()]).toEqual(["lr"]);
});

it("tags have the room that they need, and state and times leave room for metrics", () => {
  const view = { ...FIRST_VIEW.table, shown: ["state", "created", "runtime", "tags"] };
  const widthIn = (column: string, samples: readonly unknown[]) => {
    const facts = FACTS.map((entry) => (entry.column === column ? { ...entry, samples } : entry));
    const { pinned, scrolled } = layoutColumns(facts as ColumnFacts[], view);
    return [...pinned, ...scrolled].find(({ id }) => id === column)!.widthPx;
  };
  expect(widthIn("tags", [])).toBe(76);
  expect(widthIn("tags", [["baseline"], ["live"], ["paper table 2", "live"]])).toBe(91);
  expect(widthIn("tags", [["baseline", "to be repeated", "ablation"]])).toBe(176);
  // next to a name in a page of 960 px, two metrics
  const others = ["state", "created", "runtime"].reduce((sum, id) => sum + widthIn(id, []), 0);
  expect(960 - 72 - 288 - others - widthIn("tags", [["baseline"]])).toBeGreaterThanOrEqual(2 * 116);
});
