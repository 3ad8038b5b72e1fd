import { expect, it } from "vitest";
import { figuresFormat } from "./column-figures";

const texts = (...values: number[]) => values.map(figuresFormat(values));

it("gives the numbers of a column as many decimals, and the largest five digits", () => {
  expect(texts(-222.2, -36.454, -0.2041)).toEqual(["−222.20", "−36.45", "−0.20"]);
  expect(texts(2452.1, 984.93, 42)).toEqual(["2,452.1", "984.9", "42.0"]);
  expect(texts(0.5, 0.03125, 0)).toEqual(["0.5000", "0.0313", "0"]);
  expect(texts(0.0042159, 0.0042436)).toEqual(["0.004216", "0.004244"]);
  expect(texts(12, 3, 1304)).toEqual(["12", "3", "1,304"]);
});

it("has powers of ten for very small and very large numbers, and for one next to much larger ones", () => {
  expect(texts(3e-5, 1.2e-4)).toEqual(["3.00e−5", "1.20e−4"]);
  expect(texts(2.5e6, 31)).toEqual(["2.50e6", "3.10e1"]);
  expect(texts(12_345.6, 0.0412)).toEqual(["12,346", "0.04120"]);
  expect(texts(5.25, 2e-5)).toEqual(["5.2500", "2.00e−5"]);
});

it("leaves the decimals of most numbers to them where one is many times as large", () => {
  expect(texts(1.9123, 1.93451, 1378.29, 2.01)).toEqual(["1.9123", "1.9345", "1,378", "2.0100"]);
});

it("says what is not finite", () => {
  expect(texts(Number.NaN, Number.NEGATIVE_INFINITY, 1.5)).toEqual(["NaN", "−Inf", "1.5000"]);
});

it("tells numbers apart that are alike but for their last digits, in the range that is drawn", () => {
  const within = (span: number, ...values: number[]) => values.map(figuresFormat(values, span));
  expect(within(62, 1_000_000_012, 1_000_000_020)).toEqual(["1,000,000,012", "1,000,000,020"]);
  expect(within(1e-6, 0.4931471, 0.4931475)).toEqual(["0.493147100", "0.493147500"]);
  expect(within(1, 100.25, 99.75)).toEqual(["100.250", "99.750"]);
  expect(within(1e-12, 1.0001e-9, 1.0002e-9)).toEqual(["1.000100e−9", "1.000200e−9"]);
  expect(within(1e6, 1e17, 1e17 + 1e6)).toEqual(["1.00000000000e17", "1.00000000001e17"]);
  // there is room for all in the usual digits
  expect(within(0.4, 0.5, 0.03125)).toEqual(texts(0.5, 0.03125));
});
