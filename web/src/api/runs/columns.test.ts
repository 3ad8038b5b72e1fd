import { describe, expect, it } from "vitest";
import { patternsOf } from "./columns";

describe("patterns of names", () => {
  it("escape what has a meaning in a pattern, and no letter", () => {
    expect(patternsOf(["summary.val/größe", "a(b)", "学習率"])).toEqual([
      "^(summary\\.val/größe|a\\(b\\)|学習率)$",
    ]);
    expect(patternsOf([])).toEqual([]);
  });

  it("are several where one would be too long", () => {
    const names = Array.from({ length: 40 }, (_, i) => `${"x".repeat(60)}${i}`);
    const patterns = patternsOf(names);
    expect(patterns.length).toBeGreaterThan(1);
    for (const pattern of patterns) expect(pattern.length).toBeLessThan(1000);
    const matched = names.filter((name) => patterns.some((pattern) => new RegExp(pattern).test(name)));
    expect(matched).toEqual(names);
  });
});
