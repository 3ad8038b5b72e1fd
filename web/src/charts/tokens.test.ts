import { expect, test } from "vitest";
import { wholeHex, withAlpha } from "./tokens";

test("a color that the build has shortened is the same color behind texts of a chart", () => {
  expect(withAlpha(wholeHex("#fff"), 0.5)).toBe("rgba(255,255,255,0.5)");
  expect(wholeHex("#1A2")).toBe("#11AA22");
  expect(wholeHex("#0d0f13")).toBe("#0d0f13");
  expect(wholeHex("Inter, sans-serif")).toBe("Inter, sans-serif");
});
