import { describe, expect, it } from "vitest";
import { formatCount, formatExactly } from "./format";

const MINUS = "\u2212";

describe("numbers without Intl", () => {
  it("have the groups that Intl gives them", () => {
    for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1000, -123])
      expect(formatCount(n)).toBe(n.toLocaleString("en-US").replace("-", MINUS));
  });

  it("have all of their digits, by Intl where they have an exponent", () => {
    const values = [
      0.1 + 0.2,
      1234.5678,
      -98_765.4321,
      1e-9,
      1.5e21,
      123_456_789_012.75,
      Number.NaN,
      Infinity,
    ];
    for (const v of values)
      expect(formatExactly(v)).toBe(
        v.toLocaleString("en-US", { maximumSignificantDigits: 12 }).replace("-", MINUS),
      );
  });
});
