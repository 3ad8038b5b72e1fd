import { describe, expect, it } from "vitest";
import { cellText, columnLook, wholeText } from "./cell-text";

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

  it("has room by its type and its name", () => {
    expect(columnLook({ title: "n", type: "number" }).isNumber).toBe(true);
    expect(columnLook({ title: "a".repeat(500), type: "number" }).width).toBe(280);
  });
});
