import { describe, expect, it } from "vitest";
import {
  formatCount,
  formatExactly,
  formatFixed,
  formatParameter,
  formatSigned,
  formatTick,
  formatValue,
  formatWithin,
  typedNumber,
} from "./format";
import { programText } from "./program-text";

const MINUS = "\u2212";

describe("numbers without Intl", () => {
  it("have the groups that Intl gives them", () => {
    for (const n of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, -1000, -123])
      expect(formatCount(n)).toBe(n.toLocaleString("en-US").replace("-", MINUS));
  });

  it("have all of their digits, by Intl where they have an exponent", () => {
    const values = [0.1 + 0.2, 1234.5678, -98_765.4321, 1.5e21, 123_456_789_012.75, Number.NaN, Infinity];
    for (const v of values)
      expect(formatExactly(v)).toBe(
        v.toLocaleString("en-US", { maximumSignificantDigits: 12 }).replace("-", MINUS),
      );
  });
});

describe("a value among others", () => {
  it("has as many digits as tell it from them, and no more than usual where they are far apart", () => {
    expect(formatWithin(1_000_000_012, 60)).toBe("1,000,000,012");
    expect(formatWithin(0.69314752, 1e-6)).toBe("0.693147520");
    expect(formatWithin(250.34, 2)).toBe("250.340");
    expect(formatWithin(1.00012e-9, 1e-12)).toBe(`1.00012e${MINUS}9`);
    for (const v of [0.5, 250.34, 31_415.9, 7.41e8, 0, 3e-5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(formatWithin(v, Math.abs(v))).toBe(formatValue(v));
  });
});

describe("small numbers", () => {
  it("are powers of ten below 0.001 everywhere, with one minus sign", () => {
    const texts = [formatValue, formatExactly, formatParameter, formatTick].map((format) => format(-6e-4));
    expect(new Set(texts)).toEqual(new Set([`${MINUS}6e${MINUS}4`]));
    expect([formatValue, formatExactly, formatTick].map((format) => format(0.001))).toEqual([
      "0.001000",
      "0.001",
      "0.001",
    ]);
  });

  it("have as many digits as larger ones where they were measured, and so have their differences", () => {
    const values = [0.5, 0.03125, 0.0042159, -0.0042436, 0.0010004];
    expect(values.map(formatValue)).toEqual([
      "0.5000",
      "0.03125",
      "0.004216",
      `${MINUS}0.004244`,
      "0.001000",
    ]);
    expect([formatSigned(2.8e-5, 0.004216), formatSigned(7.8e-6, 0.004216)]).toEqual([
      "+0.000028",
      "+0.000008",
    ]);
    expect(formatSigned(1.2e-4, 0.03125)).toBe("+0.00012");
  });

  it("have two decimals where they were measured, all digits where they were set, and a hyphen where they are typed", () => {
    expect([formatValue(6.254e-4), formatExactly(6.254e-4), typedNumber(6.254e-4)]).toEqual([
      `6.25e${MINUS}4`,
      `6.254e${MINUS}4`,
      "6.254e-4",
    ]);
    expect(formatParameter(1.234_567_89e-4)).toBe(`1.23457e${MINUS}4`);
    expect([typedNumber(0.05), typedNumber(0), typedNumber(-32)]).toEqual(["0.05", "0", "-32"]);
  });

  it("have no sign where they round to nothing", () => {
    expect([formatFixed(-0.001, 2), formatFixed(-0.006, 2)]).toEqual(["0.00", `${MINUS}0.01`]);
  });
});

describe("a difference", () => {
  it("is as precise as the value that it is of, however small that is", () => {
    expect(formatSigned(0.00312, 0.5)).toBe("+0.0031");
    expect(formatSigned(2.04e-4 - 1.22e-4, 2.04e-4)).toBe(`+8.2e${MINUS}5`);
    expect(formatSigned(4.08e-4 - 1.22e-4, 4.08e-4)).toBe(`+2.86e${MINUS}4`);
    expect(formatSigned(1e-9 - 1e-4, 1e-9)).toBe(`${MINUS}1e${MINUS}4`);
    expect(formatSigned(0, 1e-4)).toBe("0.0000");
    expect([formatSigned(-1326.2), formatSigned(13_260)]).toEqual([`${MINUS}1,326`, "+13,260"]);
  });
});

describe("a copied text", () => {
  it("a number that is copied alone is one that a program reads", () => {
    for (const value of [6e-4, -0.05, 1_180_000_000, -1234.5, 2.5e-12, 0.5, 7])
      expect(Number(programText(formatExactly(value)))).toBe(value);
    expect(programText(` ${formatValue(-6.25e-4)} `)).toBe("-6.25e-4");
    expect(programText("−Inf")).toBe("-Inf");
  });

  it("of a longer text only the minus signs change", () => {
    expect(programText("lr\t6e−4\nloss\t−0.5")).toBe("lr\t6e-4\nloss\t-0.5");
    expect(programText("1,024 tokens, a − b, mix−A")).toBe("1,024 tokens, a − b, mix−A");
    expect(programText("1,024, 2,048")).toBe("1,024, 2,048");
    expect(programText("")).toBe("");
  });
});
