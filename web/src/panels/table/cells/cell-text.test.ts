import { describe, expect, it } from "vitest";
import type { TableWindow } from "@/api/files/tables";
import { cellText, columnLooks, fitTable, fixedLook, numberText, wholeText } from "./cell-text";

describe("a cell of a logged table", () => {
  it("is text in one line", () => {
    expect(cellText(null, "string")).toBe("");
    expect(cellText(12345, "number")).toBe("12345");
    expect(cellText(-3, "number")).toBe("−3");
    expect(cellText("9007199254740993", "number")).toBe("9007199254740993");
    expect(cellText("NaN", "number")).toBe("NaN");
    expect(cellText(false, "boolean")).toBe("false");
    expect(cellText({ a: [1] }, "typedDict")).toBe('{"a":[1]}');
    expect(cellText("2024-01-01T08:30:00+00:00", "timestamp")).toBe("2024-01-01 08:30:00 UTC");
    expect(cellText("2024-01-01T08:30:00", "timestamp")).toBe("2024-01-01 08:30:00");
    expect(cellText("2024-01-01T08:30:00+00:00", "string")).toBe("2024-01-01T08:30:00+00:00");
  });

  it("has all that was logged where it is opened", () => {
    expect(wholeText(0.1234567891)).toBe("0.1234567891");
    expect(wholeText({ a: 1 })).toBe('{\n  "a": 1\n}');
    expect(wholeText(null)).toBe("");
  });

  it("has room for its head and its longest cell; of long texts for their beginning", () => {
    const columns = [
      { name: "id", title: "id", type: "string" },
      { name: "precision", title: "precision", type: "number" },
      { name: "text", title: "text", type: "string" },
      { name: "image", title: "image", type: "image-file" },
    ];
    const rows = [
      ["val_000", 0.5, "x".repeat(1000), {}],
      ["val_001", 0.25, "x", {}],
    ];
    const media = [{ row: 0, column: 3, items: [{ width: 80, height: 20 }] }];
    const looks = columnLooks({ columns, rows, media } as unknown as TableWindow, 14);
    expect(looks.map(({ leastPx }) => leastPx)).toEqual([72, 97, 124, 108]);
    expect(looks.map(({ wholePx }) => wholePx)).toEqual([72, 97, 7020, 108]);
    expect(looks.map(({ isNumber }) => isNumber)).toEqual([false, true, false, false]);
  });

  it("has room for ids, whose digits are wider than letters", () => {
    const columns = [
      { name: "user", title: "user", type: "string" },
      { name: "ts", title: "ts", type: "number" },
    ];
    const rows = [["u620972072", 1760000000]];
    const [user, ts] = columnLooks({ columns, rows, media: [] } as unknown as TableWindow, 0);
    // ten digits of the app’s font take 78 px
    expect(user!.leastPx).toBeGreaterThanOrEqual(96);
    expect(ts!.leastPx).toBeGreaterThanOrEqual(99);
    expect(numberText(1760000000, ts!, ts!.leastPx)).toBe("1760000000");
  });

  it("never has a number that is cut to a shorter one", () => {
    const whole = { hasFractions: false };
    for (let px = 0; px < 120; px++) {
      const text = numberText(1760003600, whole, px);
      if (text === "…") continue;
      const value = Number(text.replace("−", "-"));
      expect(Math.abs(value / 1760003600 - 1), text).toBeLessThan(0.05);
    }
    expect(numberText(1760003600, whole, 70)).toBe("1.76e9");
    expect(numberText("9007199254740993", whole, 60)).toBe("9e15");
    expect(numberText(-1234567, whole, 80)).toBe("−1.23e6");
    expect(numberText("NaN", whole, 60)).toBe("NaN");
    expect(numberText(31, whole, 10)).toBe("…");
  });

  it("has one notation in a column of numbers", () => {
    const columns = [{ name: "price", title: "price", type: "number" }];
    const rows = [[15.3], [31], [0], [120], [null]];
    const [look] = columnLooks({ columns, rows, media: [] } as unknown as TableWindow, 0);
    expect(rows.map(([cell]) => numberText(cell, look!))).toEqual(["15.3000", "31.0000", "0", "120.0", ""]);
    expect(numberText(31, { hasFractions: false })).toBe("31");
  });

  it("takes of the room what its texts need, the longest what is left, and no more in a wide panel", () => {
    const text = (wholePx: number) => ({ ...fixedLook(wholePx, false), leastPx: 120 });
    const looks = [fixedLook(60, true), text(180), text(1000), text(320)];
    const widthsIn = (roomPx: number) => fitTable(looks, roomPx).widths;
    expect(widthsIn(300)).toEqual([60, 120, 120, 120]);
    expect(widthsIn(660)).toEqual([60, 180, 210, 210]);
    expect(widthsIn(1000)).toEqual([60, 180, 440, 320]);
    expect(widthsIn(3000)).toEqual([60, 180, 1000, 320]);
  });

  it("has two lines for texts where one is too short, and then a number after two of them is in view", () => {
    const columns = ["reference", "prediction"].map((name) => ({ name, title: name, type: "string" }));
    const rows = [["stuff it into you his belly counselled him", "stuff it into uoy his belly"]];
    const looks = [
      ...columnLooks({ columns, rows, media: [] } as unknown as TableWindow, 14),
      fixedLook(70, true),
    ];
    const half = fitTable(looks, 440);
    expect(half.isTwoLines).toBe(true);
    expect(half.widths.reduce((sum, px) => sum + px)).toBeLessThanOrEqual(440);
    // 30 letters in two lines
    for (const px of half.widths.slice(0, 2)) expect(px).toBeGreaterThanOrEqual(15 * 7 + 20);
    expect(fitTable(looks, 900).isTwoLines).toBe(false);
    expect(fitTable([fixedLook(500, true)], 300).isTwoLines).toBe(false);
  });
});
