import { describe, expect, it } from "vitest";
import { matchesName, versionBefore, versionNumber } from "./versions";

const version = (name: string | null, ...aliases: string[]) => ({ version: name, aliases });

it("reads a version's number", () => {
  expect(["v0", "v12", "best", null].map(versionNumber)).toEqual([0, 12, null, null]);
});

describe("versionBefore", () => {
  const all = [version("v10"), version("v9"), version(null), version("v2")];

  it.each([
    ["v10", "v9"],
    ["v9", "v2"],
    ["v2", "v9"],
    ["v5", "v2"],
  ])("of %s is %s", (own, before) => {
    expect(versionBefore(all, own)?.version).toBe(before);
  });

  it("is none of the only one", () => {
    expect(versionBefore([version("v0")], "v0")).toBeNull();
  });
});

it("finds a version by its name and by its aliases", () => {
  const best = version("v12", "Best", "latest");
  expect(["12", "v1", "best", "late", ""].map((text) => matchesName(best, text))).toEqual(
    Array(5).fill(true),
  );
  expect(matchesName(best, "v3")).toBe(false);
});
