import { expect, test } from "vitest";
import { keyLines } from "./key-lines";

test("a key breaks between its parts, and a part longer than a line inside it", () => {
  expect(keyLines("lr", 13)).toBe(1);
  expect(keyLines("model.evoformer.blocks", 13)).toBe(3);
  expect(keyLines("model.evoformer.blocks", 16)).toBe(2);
  expect(keyLines("", 13)).toBe(1);
  expect(keyLines("x".repeat(14), 13)).toBe(2);
  expect(keyLines(`a.${"x".repeat(27)}`, 13)).toBe(4);
});
