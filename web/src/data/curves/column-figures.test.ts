import { expect, it } from "vitest";
import { figuresFormat } from "./column-figures";

const texts = (...values: number[]) => values.map(figuresFormat(values));

it("gives the numbers of a column as many decimals, and the largest five digits", () => {
  expect(texts(-222.2, -36.454, -0.2041)).toEqual(["−222.20", "−36.45", "−0.20"]);
  expect(texts(2452.1, 984.93, 42)).toEqual(["2,452.1", "984.9", "42.0"]);
  expect(texts(0.5, 0.03125, 0)).toEqual(["0.5000", "0.0313", "0"]);
  expect(texts(12, 3, 1304)).toEqual(["12", "3", "1,304"]);
});

it("has powers of ten for very small and very large numbers, and for one next to much larger ones", () => {
  expect(texts(3e-5, 1.2e-4)).toEqual(["3.00e−5", "1.20e−4"]);
  expect(texts(2.5e6, 31)).toEqual(["2.50e6", "3.10e1"]);
  expect(texts(12_345.6, 0.0412)).toEqual(["12,346", "0.0412"]);
  expect(texts(5.25, 2e-5)).toEqual(["5.2500", "2.00e−5"]);
});

it("says what is not finite", () => {
  expect(texts(Number.NaN, Number.NEGATIVE_INFINITY, 1.5)).toEqual(["NaN", "−Inf", "1.5000"]);
});
