import { describe, expect, it } from "vitest";
import { toFlags, toPython } from "./config-text";

const CONFIG = {
  lr: 6e-4,
  amp: true,
  resume: null,
  optim: { name: "adam w", betas: [0.9, { _type: "float", value: "NaN" }], extra: {} },
  big: { _type: "int", value: "18446744073709551616" },
};

describe("a config for copying", () => {
  it("is a dict in Python", () => {
    expect(toPython(CONFIG)).toBe(
      [
        "{",
        '    "lr": 0.0006,',
        '    "amp": True,',
        '    "resume": None,',
        '    "optim": {',
        '        "name": "adam w",',
        '        "betas": [0.9, float("NaN")],',
        '        "extra": {},',
        "    },",
        '    "big": 18446744073709551616,',
        "}",
      ].join("\n"),
    );
    expect(toPython({})).toBe("{}");
  });

  it("is arguments that a shell takes as they are", () => {
    const config = { lr: 6e-4, optim: { name: "adam w", betas: [0.9, 0.99] }, note: "it's", empty: "" };
    expect(toFlags(config)).toBe(
      "--lr 0.0006 --optim.name 'adam w' --optim.betas '[0.9,0.99]' --note 'it'\\''s' --empty ''",
    );
  });
});
