import { expect, it } from "vitest";
import { homesOf, makeBoard } from "@/data/board/board";
import { FIRST_VIEW } from "@/data/view/view";
import { filePanels, fileSet, withoutHidden } from "./file-view";

const set = (n: number) => {
  const runs = Array.from({ length: n }, (_, i) => ({
    id: `r${i}`,
    name: `run ${i}`,
    color: 1,
    isLive: false,
  }));
  return { runs, runIds: runs.map(({ id }) => id).sort(), groupBy: [], baseline: null };
};

it("has the first 200 runs of a page, and their ids in the order of the page", () => {
  const { runs, runIds } = fileSet(set(300));
  expect(runs.at(-1)?.id).toBe("r199");
  expect(runIds).toHaveLength(200);
  expect(runIds).toEqual([...runIds].sort());
});

it("hides runs", () => {
  const { runs, runIds } = withoutHidden(set(3), new Set(["r1"]));
  expect(runs.map(({ id }) => id)).toEqual(["r0", "r2"]);
  expect(runIds).toEqual(["r0", "r2"]);
});

it("has a hundred panels, of open sections first", () => {
  const names = Array.from({ length: 120 }, (_, i) => `a/m${i}`);
  const sections = { a: { ...sectionOf(), isOpen: false } };
  const board = makeBoard(homesOf([...names, "b/last"]), { ...FIRST_VIEW, sections }, null);
  const { ids, nOmitted } = filePanels(board);
  expect(ids).toHaveLength(100);
  expect(ids[0]).toBe("auto:b/last");
  expect(nOmitted).toBe(21);
});

function sectionOf() {
  return {
    title: null,
    isMade: false,
    isOpen: null,
    page: 0,
    order: [],
    isHidden: false,
    areEmptyShown: false,
    span: null,
    height: null,
    rows: null,
    settings: {},
  };
}
