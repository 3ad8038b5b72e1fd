import { expect, test } from "vitest";
import { formatExactly, formatValue } from "./format";
import { programText } from "./program-text";

test("a number that is copied alone is one that a program reads", () => {
  for (const value of [6e-4, -0.05, 1_180_000_000, -1234.5, 2.5e-12, 0.5, 7])
    expect(Number(programText(formatExactly(value)))).toBe(value);
  expect(programText(` ${formatValue(-6.25e-4)} `)).toBe("-6.25e-4");
  expect(programText("−Inf")).toBe("-Inf");
});

test("of a longer text only the minus signs change", () => {
  expect(programText("lr\t6e−4\nloss\t−0.5")).toBe("lr\t6e-4\nloss\t-0.5");
  expect(programText("1,024 tokens, a − b, mix−A")).toBe("1,024 tokens, a − b, mix−A");
  expect(programText("1,024, 2,048")).toBe("1,024, 2,048");
  expect(programText("")).toBe("");
});
