import { expect, it } from "vitest";
import { typedValue } from "../filter/builder";
import { groupIdText, groupName } from "./group-name";

it("texts and numbers that are written alike have other names, as in filters", () => {
  for (const value of [256, "256", "6e-4", "1.", null, "null", true, "true", "adam", "1e", "v2", "-Infinity"])
    expect(groupName([value])).toBe(typedValue(value, "config.x", "is"));
  expect(groupIdText('["256",256,"",{"_type":"missing"},"not set"]')).toBe(
    '"256", 256, empty, not set, "not set"',
  );
});
