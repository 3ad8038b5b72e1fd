import { describe, expect, it } from "vitest";
import { CAPTION_PX, columnsFor, GAP_PX, HEAD_PX, scrolledPx } from "./media-columns";

const ROOM = { width: 700, height: 320 };
const plain = (count: number) => ({ counts: [count], hasHeads: false, nLines: 1 });

describe("columns of media", () => {
  it("give one image the height of the panel, or its width if that is less", () => {
    expect(columnsFor(ROOM, plain(1), 1, 100)).toEqual({ n: 1, width: 300, height: 300 });
    expect(columnsFor(ROOM, plain(1), 4, 100)).toEqual({ n: 1, width: 700, height: 300 });
  });

  it("make cells as large as fit without scrolling", () => {
    for (const count of [2, 3, 5, 8, 12, 20])
      for (const ratio of [0.6, 1, 1.6]) {
        const { n, width } = columnsFor(ROOM, plain(count), ratio, 10)!;
        const nRows = Math.ceil(count / n);
        expect(n * width + GAP_PX * (n - 1)).toBeLessThanOrEqual(ROOM.width);
        expect(nRows * (width / ratio + CAPTION_PX) + GAP_PX * (nRows - 1)).toBeLessThanOrEqual(ROOM.height);
      }
    expect(columnsFor(ROOM, plain(2), 1, 100)).toEqual({ n: 2, width: 300, height: 300 });
  });

  it("leave room for each line of text below", () => {
    expect(columnsFor(ROOM, { ...plain(1), nLines: 2 }, 1, 100)?.height).toBe(ROOM.height - 2 * CAPTION_PX);
  });

  it("leave room for the headings of runs", () => {
    const blocks = { counts: [3, 3], hasHeads: true, nLines: 0 };
    const { n, width } = columnsFor(ROOM, blocks, 1, 50)!;
    expect(n).toBe(3);
    expect(2 * (width + HEAD_PX + GAP_PX) + GAP_PX).toBeLessThanOrEqual(ROOM.height);
  });

  it("scroll where they would be smaller than wanted", () => {
    expect(columnsFor(ROOM, plain(40), 1, 160)).toBeNull();
    expect(columnsFor({ width: 0, height: 0 }, plain(1), 1, 160)).toBeNull();
  });

  it("put the few cells of a run beside one another where all scroll", () => {
    const room = { width: 448, height: 260 };
    expect(3 * scrolledPx(room, [3, 3, 3], 180) + 2 * GAP_PX).toBeLessThanOrEqual(room.width);
    expect(scrolledPx(room, [2, 2], 180)).toBe(180);
    // rather rows than cells that are far too small
    expect(scrolledPx(room, [4, 4], 180)).toBe(180);
    expect(scrolledPx(room, [9], 180)).toBe(180);
  });
});
