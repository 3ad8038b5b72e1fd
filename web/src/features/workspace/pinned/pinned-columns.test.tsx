import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { formatOf } from "@/data/table/cell-format";
import { renderPage } from "@/testing/render";
import { FakeServer } from "@/testing/server";
import { shapeOf } from "./column-shape";
import { besideNames, phoneRow, usePinnedColumns, withHeads, withWholeHeads } from "./pinned-columns";

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
  // of two sort keys both are in sight
  expect(row([76, 92], 390).namePx).toBe(390 - ENDS_PX - 76);
  expect(phoneRow([{ widthPx: 76 }, { widthPx: 92 }], 390, 2).namePx).toBe(390 - ENDS_PX - 168);
});

it("the column that runs are sorted by has its whole head where names are short", () => {
  const column = { id: "summary.final_score", label: "final_score", aggregate: null, widthPx: 68 };
  const columns = [column, { id: "runtime", label: "Runtime", aggregate: null, widthPx: 76 }];
  const widthsOf = (names: string[]) =>
    withWholeHeads(columns, [column.id], names, 368).map(({ widthPx }) => widthPx);
  expect(widthsOf(["trial-0240"])[0]).toBeGreaterThan(95);
  expect(widthsOf(["trial-0240"])[1]).toBe(76);
  // long names have the room: the head reaches over theirs
  expect(widthsOf(["zipformer-large-ls960-lr1e-3-seed1"])).toEqual([68, 76]);
});

it("default columns give way to names, the last one first", () => {
  const widths = { "summary.final_loss": 68, runtime: 76, created: 56, tags: 96 };
  const besides = (ids: (keyof typeof widths)[], names: string[], sorted: string[] = [], listPx = 368) =>
    besideNames(
      ids.map((id) => ({ id, widthPx: widths[id] })),
      sorted,
      names,
      listPx,
    ).map(({ id }) => id);
  const long = ["llama-410m-bs256-lr6e-4-cosine-s2", "llama-160m-bs256-lr6e-4-cosine-s1"];
  expect(besides(["runtime", "created"], ["unet-3"])).toEqual(["runtime", "created"]);
  expect(besides(["runtime", "created"], long)).toEqual(["runtime"]);
  expect(besides(["runtime", "created"], long, [], 461)).toEqual(["runtime", "created"]);
  const loss = "summary.final_loss";
  expect(besides([loss, "runtime", "created"], long, [loss])).toEqual([loss]);
  // chosen ones stay, and those that runs are sorted by
  expect(besides(["runtime", "created", "tags"], long)).toEqual(["tags"]);
  expect(besides(["runtime", "tags"], long)).toEqual(["runtime", "tags"]);
  expect(besides(["runtime", "created"], long, ["created"], 280)).toEqual(["created"]);
  // one long name among short ones takes none away
  expect(besides(["runtime", "created"], ["a", "b", "c", "d", long[0]!])).toEqual(["runtime", "created"]);
});

it("heads of several sort keys share the room, and a cut one leaves out its aggregate", () => {
  const reward = { id: "summary.rollout/ep_rew_mean", label: "ep_rew_mean", aggregate: null, widthPx: 56 };
  const success = { id: "summary.eval/success_rate", label: "success_rate", aggregate: "max", widthPx: 56 };
  const headsOf = (names: string[], listPx: number) =>
    withWholeHeads([reward, success], [reward.id, success.id], names, listPx).map(
      ({ widthPx, aggregate }) => [widthPx, aggregate],
    );
  expect(headsOf(["sac-humanoid-standup-lr1e-3-seed13"], 370)).toEqual([
    [56, null],
    [370 - 214 - 56, null],
  ]);
  // the shorter one is whole, and leaves the longer one the rest: its label is whole, too
  const wholePx = Math.ceil(11 * 6.5 + 42);
  expect(headsOf(["seed-7"], 400)).toEqual([
    [wholePx, null],
    [400 - 162 - wholePx, null],
  ]);
  expect(headsOf(["seed-7"], 450)[1]![1]).toBe("max");
});

it("the head of the first column reaches over what the name's head leaves free", () => {
  const column = (id: string, widthPx: number) => ({ id, label: id, aggregate: null, widthPx });
  const headsOf = (listPx: number) =>
    withHeads(
      [column("ep_rew_mean", 78), column("success_rate", 78)],
      ["ep_rew_mean", "success_rate"],
      listPx,
    ).map(({ headPx }) => headPx);
  expect(headsOf(370)).toEqual([Math.ceil(11 * 6.5 + 42), 78]);
  expect(headsOf(320)).toEqual([78 + 12, 78]);
  expect(headsOf(260)).toEqual([78, 78]);
});

it("values have the decimals of their size, and columns the width of their texts", () => {
  const values = [4384.5801, 985.31, null, 12.5];
  const { extent, textPx } = shapeOf("summary.rollout/ep_rew_mean", undefined, values);
  const format = formatOf("summary.rollout/ep_rew_mean", undefined, extent);
  expect(values.map((value) => format(value).text)).toEqual(["4,384.6", "985.3", "", "12.5"]);
  expect(textPx).toBeGreaterThan(40);
  expect(textPx).toBeLessThan(56);
  // a live value changes neither
  expect(shapeOf("summary.rollout/ep_rew_mean", undefined, [4999, 985.31, 13.5])).toEqual({ extent, textPx });
  // words are cut at the width of their column
  expect(shapeOf("config.model", undefined, ["resnet50", 3]).textPx).toBeNull();
  expect(shapeOf("summary.loss", undefined, [null]).textPx).toBeNull();
});

const NO_VALUES = () => [];
const NO_NAMES: readonly string[] = [];

function Heads() {
  const { columns } = usePinnedColumns(400, false, NO_NAMES, NO_VALUES);
  return columns.map(({ id, aggregate, title }) => <p key={id}>{`${title} ${aggregate}`}</p>);
}

it("the head of groups' run times says that they are means", async () => {
  new FakeServer([]);
  const pinned = ["runtime"];
  await renderPage(<Heads />, { view: { pinned, groupBy: ["config.kind"] } });
  await screen.findByText("Runtime mean of groups mean");
});
