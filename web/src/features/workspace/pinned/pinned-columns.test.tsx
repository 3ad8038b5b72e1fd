import { expect, it } from "vitest";
import { phoneRow, withWholeHeads } from "./pinned-columns";

const ENDS_PX = 80;

function row(widths: readonly number[], listPx: number) {
  return phoneRow(
    widths.map((widthPx) => ({ widthPx })),
    listPx,
  );
}

it("on a phone the menu of a row covers no part of a column", () => {
  expect(row([76], 390)).toEqual({ namePx: 390 - ENDS_PX - 76, rowPx: 390 });
  // all three would leave the name too little: two are whole, the third is behind the menu
  expect(row([68, 76, 56], 390)).toEqual({ namePx: 390 - ENDS_PX - 144, rowPx: 390 + 56 });
  expect(row([], 390)).toEqual({ namePx: 390 - ENDS_PX, rowPx: 390 });
});

it("the column that runs are sorted by has its whole head where names are short", () => {
  const column = { id: "summary.final_score", label: "final_score", aggregate: null, widthPx: 68 };
  const columns = [column, { id: "runtime", label: "Runtime", aggregate: null, widthPx: 76 }];
  const widthsOf = (names: string[]) =>
    withWholeHeads(columns, [column.id], names, 368).map(({ widthPx }) => widthPx);
  expect(widthsOf(["trial-0240"])[0]).toBeGreaterThan(95);
  expect(widthsOf(["trial-0240"])[1]).toBe(76);
  expect(widthsOf(["zipformer-large-ls960-lr1e-3-seed1"])).toEqual([68, 76]);
});
