import { expect, test } from "vitest";
import { FIRST_VIEW } from "../view/view";
import { columnSetOf, readColumnSet, tableOfSet } from "./column-set";
import { changeTable, layoutColumns } from "./columns";

const FACTS = ["config.lr", "summary.acc", "summary.loss", "summary.größe"].map((column, i) => ({
  column,
  n_runs: 4,
  kinds: { number: 4 },
  samples: [i, i + 1],
}));

function idsOf(table: typeof FIRST_VIEW.table): string[] {
  const { pinned, scrolled } = layoutColumns(FACTS, table);
  return [...pinned, ...scrolled].map(({ id }) => id);
}

test("a set brings back columns, their order and pins, and leaves widths and formats", () => {
  const only = {
    ...FIRST_VIEW.table,
    ...changeTable.showOnly(["summary.größe", "config.lr", "summary.loss"]),
    order: ["summary.loss", "config.lr"],
    pinned: ["summary.größe"],
    hidden: ["notes"],
  };
  const set = columnSetOf(FACTS, only);
  const other = { ...FIRST_VIEW.table, widths: { "config.lr": 99 }, hidden: ["config.lr"] };
  const applied = { ...other, ...tableOfSet(set) };
  expect(idsOf(applied)).toEqual(["summary.größe", "summary.loss", "config.lr"]);
  expect(applied.widths).toEqual({ "config.lr": 99 });
});

test("suggested columns that are saved stay those", () => {
  const set = columnSetOf(FACTS, FIRST_VIEW.table);
  const later = [...FACTS, { column: "summary.new", n_runs: 4, kinds: { number: 4 } }];
  const table = { ...FIRST_VIEW.table, ...tableOfSet(set) };
  expect(layoutColumns(later, table).scrolled.map(({ id }) => id)).toEqual(set.columns);
});

test("a document that is not a set is refused", () => {
  expect(readColumnSet({ pinned: [], columns: ["state", 5] })).toEqual({ pinned: [], columns: ["state"] });
  expect(readColumnSet({ filter: "x" })).toBeUndefined();
  expect(readColumnSet(null)).toBeUndefined();
});
