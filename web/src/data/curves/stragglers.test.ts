import { expect, it } from "vitest";
import { offsetsOf, stragglerOf } from "./stragglers";

const rank = (id: string, of: (x: number) => number, from = 0) => {
  const x = Array.from({ length: 50 }, (_, i) => i + from);
  return { id, x, y: x.map(of) };
};
const usual = (x: number) => 100 + 10 * Math.sin(x);

it("finds the rank that is slower than the others", () => {
  const curves = [0, 1, 2, 4].map((i) => rank(`${i}`, (x) => usual(x) * (1 + i * 0.002)));
  const offsets = offsetsOf([...curves, rank("3", (x) => usual(x) * 1.5)]);
  expect(offsets[0]).toMatchObject({ id: "3", n: 50 });
  expect(offsets[0]!.off).toBeCloseTo(0.497, 2);
  expect(stragglerOf(offsets)?.id).toBe("3");
});

it("accuses nobody of noise, of two curves, or where there is nothing to compare", () => {
  const even = [0, 1, 2, 3].map((i) => rank(`${i}`, (x) => usual(x) + i));
  expect(stragglerOf(offsetsOf(even))).toBeNull();
  expect(stragglerOf(offsetsOf([rank("a", () => 1), rank("b", () => 9)]))).toBeNull();
  expect(offsetsOf([rank("a", () => 1), rank("b", () => 2, 1000)]).map(({ n }) => n)).toEqual([0, 0]);
});
