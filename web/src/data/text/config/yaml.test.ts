import { describe, expect, it } from "vitest";
import { toYaml } from "./yaml";

describe("a config as YAML", () => {
  it("is nested by two spaces, lists in line", () => {
    const config = { lr: 0.001, data: { root: "/data/x", crop: [512, 1024], opts: {} }, tags: ["a b", null] };
    expect(toYaml(config)).toBe(
      "lr: 0.001\ndata:\n  root: /data/x\n  crop: [512, 1024]\n  opts: {}\ntags: [a b, null]",
    );
  });

  it("quotes what YAML would read as something else", () => {
    const config = { a: "yes", b: "1e3", c: "", d: "x: y", e: "#1", f: " pad", g: "line\nline", on: "-" };
    expect(toYaml(config).split("\n")).toEqual([
      'a: "yes"',
      'b: "1e3"',
      'c: ""',
      'd: "x: y"',
      'e: "#1"',
      'f: " pad"',
      'g: "line\\nline"',
      '"on": "-"',
    ]);
  });
});
