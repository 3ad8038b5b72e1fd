import { describe, expect, it } from "vitest";
import { headsOf } from "./parallel-heads";

/** Seven px a letter. */
const widthOf = (text: string) => 7 * text.length;
const axesAt = (n: number, width: number) =>
  Array.from({ length: n }, (_, i) => 44 + (i / (n - 1)) * (width - 88));

const KEYS = [
  "model.encoder.attention.dropout",
  "model.encoder.mlp.dropout",
  "model.decoder.attention.dropout",
  "model.decoder.mlp.dropout",
  "optimizer.schedule.warmup_steps",
  "val/acc",
];

describe("the names of axes", () => {
  it("stand in one row, whole, where all have room", () => {
    const { heads, nRows } = headsOf(["lr", "depth", "loss"], axesAt(3, 500), 500, widthOf);
    expect(nRows).toBe(1);
    expect(heads.map(({ text }) => text)).toEqual(["lr", "depth", "loss"]);
    // over its axis
    expect(heads[0]!.left).toBe(44 - 7);
    expect(heads[2]!.right).toBe(488);
  });

  it("stand in two rows by turns where one is too long, and do not run into each other", () => {
    const { heads, nRows } = headsOf(KEYS, axesAt(6, 640), 640, widthOf);
    expect(nRows).toBe(2);
    for (const row of [0, 1]) {
      const ofRow = heads.filter((head) => head.row === row);
      for (const [i, head] of ofRow.entries()) {
        expect(head.left).toBeGreaterThanOrEqual(0);
        expect(head.right).toBeLessThanOrEqual(640);
        if (i > 0) expect(head.left).toBeGreaterThan(ofRow[i - 1]!.right);
      }
    }
  });

  it("keep their ends where they are cut, and the parts that no other key has", () => {
    const { heads } = headsOf(KEYS, axesAt(6, 460), 460, widthOf);
    expect(heads.map(({ text }) => text)).toEqual([
      "encoder.att…",
      "…encoder.mlp.dropout",
      "decoder.attention…",
      "…decoder.mlp.dropout",
      "…warmup_steps",
      "val/acc",
    ]);
    expect(heads.map(({ isCut }) => isCut)).toEqual([true, true, true, true, true, false]);
  });

  it("of one axis stands above it", () => {
    const [head] = headsOf(["lr"], [250], 500, widthOf).heads;
    expect(head).toMatchObject({ text: "lr", left: 243, right: 257, row: 0 });
  });
});
