import { expect, test } from "vitest";
import { RowEyes } from "./row-eyes";
import type { ListedGroup, Row } from "./run-rows";
import type { Shown } from "./shown-runs";

const NEWEST: Shown = { selection: { base: "newest", on: [], off: [] }, hiddenGroups: [], shownGroups: [] };
const PLAIN = { groups: [], running: new Set(["r40"]) };
const GROUPS = { groups: Array.from({ length: 30 }, (_, i) => ({ values: [i], nRuns: 3 })), running: null };

function runRow(index: number, under: readonly unknown[] | null = null): Row<ListedGroup> {
  return { kind: "run", depth: under ? 1 : 0, under, index };
}

function groupRow(...values: readonly unknown[]): Row<ListedGroup> {
  return { kind: "group", depth: values.length - 1, group: { values, nRuns: 3 }, isOpen: false };
}

test("the first rows and running runs have open eyes", () => {
  const eyes = new RowEyes(NEWEST, PLAIN);
  expect(eyes.isOpen(runRow(9), "r9")).toBe(true);
  expect(eyes.isOpen(runRow(10), "r10")).toBe(false);
  expect(eyes.isOpen(runRow(40), "r40")).toBe(true);
});

test("a row that is on its way, or has no eye, shows and changes nothing", () => {
  const eyes = new RowEyes(NEWEST, PLAIN);
  const more: Row<ListedGroup> = { kind: "more", depth: 0, under: [], n: 4 };
  expect(eyes.isOpen(runRow(0), null)).toBe(false);
  expect(eyes.toggled(runRow(0), null)).toBeNull();
  expect(eyes.isOpen(more, null)).toBe(false);
  expect(eyes.toggled(more, null)).toBeNull();
});

test("a run has its group's eye, and a group that is not listed a closed one", () => {
  const eyes = new RowEyes({ ...NEWEST, hiddenGroups: ["[2]"] }, GROUPS);
  expect(eyes.isOpen(runRow(0, [1]), "a")).toBe(true);
  expect(eyes.isOpen(runRow(0, [2]), "b")).toBe(false);
  expect(eyes.isOpen(groupRow(20), null)).toBe(false);
  expect(eyes.isOpen(groupRow("elsewhere"), null)).toBe(false);
});

test("clicks on eyes open and close just theirs, and as many clicks again bring all back", () => {
  const rows = [
    ...Array.from({ length: 4 }, (_, i) => ({ row: groupRow(i * 5), id: null })),
    ...Array.from({ length: 12 }, (_, i) => ({ row: runRow(i, [1]), id: `r${i}` })),
  ];
  let shown = NEWEST;
  const opened = () => rows.map(({ row, id }) => new RowEyes(shown, GROUPS).isOpen(row, id));
  const first = opened();
  for (let at = 0, n = 0; n < 400; n++) {
    at = (at * 7 + n) % rows.length;
    const { row, id } = rows[at]!;
    const before = opened();
    shown = { ...shown, ...new RowEyes(shown, GROUPS).toggled(row, id) };
    expect(opened()).toEqual(before.map((isOn, i) => (i === at ? !isOn : isOn)));
  }
  const last = opened();
  rows.forEach(({ row, id }, i) => {
    if (last[i] !== first[i]) shown = { ...shown, ...new RowEyes(shown, GROUPS).toggled(row, id) };
  });
  expect(opened()).toEqual(first);
  expect(shown).toEqual(NEWEST);
});
