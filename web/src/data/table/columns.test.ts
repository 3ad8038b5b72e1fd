import { describe, expect, it } from "vitest";
import { FIRST_VIEW, type TableView } from "../view/view";
import { type ColumnFacts, changeTable, inOrder, layoutColumns } from "./columns";

const NUMBER = { number: 10 };
const FACTS: ColumnFacts[] = [
  { column: "state", kinds: { text: 10 }, n_runs: 10 },
  { column: "config.lr", kinds: NUMBER, n_runs: 10 },
  { column: "config.model.backbone", kinds: { text: 10 }, n_runs: 10 },
  { column: "summary.val/acc.max", kinds: { number: 8, nonfinite: 2 }, n_runs: 10 },
  { column: "summary.val\\.loss", kinds: NUMBER, n_runs: 10 },
];
const ids = (view: TableView) => layoutColumns(FACTS, view).scrolled.map((column) => column.id);
const START = FIRST_VIEW.table;

describe("columns of the runs table", () => {
  it("begin with the run's own, then config, then summary", () => {
    expect(ids(START)).toEqual([
      "state",
      "created",
      "runtime",
      "user",
      "tags",
      "notes",
      "config.lr",
      "config.model.backbone",
      "summary.val/acc.max",
      "summary.val\\.loss",
    ]); // prettier-ignore
  });

  it("come by name, numbers in it by size", () => {
    const facts = ["summary.l10", "summary.l2", "summary.l1"].map((column) => ({
      column,
      kinds: NUMBER,
      n_runs: 1,
    }));
    const { known } = layoutColumns(facts, START);
    expect(known.slice(-3)).toEqual(["summary.l1", "summary.l2", "summary.l10"]);
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
