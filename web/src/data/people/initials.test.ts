import { expect, test } from "vitest";
import { hueOf, initialsOf } from "./initials";

test.each([
  ["Mara Lindqvist", "ML"],
  ["ada", "A"],
  ["night-eval", "NE"],
  ["jean.luc_picard", "JP"],
  ["Анна Каренина", "АК"],
  ["𝔄𝔡𝔞 Lovelace", "𝔄L"],
  ["Vision & Language (Zürich)", "VZ"],
  ["🦄 Zoë", "Z"],
  ["🦄", "🦄"],
  ["  ", "?"],
])("the initials of %s are %s", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});

test("a name always has the same hue of the palette", () => {
  for (const name of ["ada", "bob", "", "Анна"]) {
    expect(hueOf(name)).toBe(hueOf(name));
    expect(hueOf(name)).toBeGreaterThanOrEqual(1);
    expect(hueOf(name)).toBeLessThanOrEqual(12);
  }
  expect(hueOf("ada")).not.toBe(hueOf("bob"));
});
