import { expect, test } from "vitest";
import { asFlags, asPython, asYaml, nested } from "./trial-text";

const CONFIG = {
  parameters: {
    lr: { min: 0, max: 1 },
    optimizer: { parameters: { name: { values: ["adam", "sgd"] }, "beta.1": { value: 0.9 } } },
    "a.b": { value: 1 },
  },
};
const BEST = {
  lr: 1e-7,
  "optimizer.name": "it's sgd",
  "optimizer.beta.1": 0.9,
  "a.b": true,
  layers: [1, null],
};

test("parameters are nested as the configuration nests them", () => {
  expect(nested(CONFIG, BEST)).toEqual({
    lr: 1e-7,
    optimizer: { name: "it's sgd", "beta.1": 0.9 },
    "a.b": true,
    layers: [1, null],
  });
});

test("YAML reads back as the same numbers and texts", () => {
  expect(asYaml({ parameters: { lr: {} } }, { lr: 0.1, name: "true" })).toBe('lr: 0.1\nname: "true"\n');
});

test("flags are quoted for a shell, with Python's words as agents pass them", () => {
  expect(asFlags(BEST)).toBe(
    `--lr=1e-7 '--optimizer.name=it'"'"'s sgd' --optimizer.beta.1=0.9 --a.b=True '--layers=[1,null]'`,
  );
});

test("Python has its own words for true and null", () => {
  expect(asPython(CONFIG, BEST)).toBe(
    'config = {\n    "lr": 1e-7,\n    "optimizer": {"name": "it\'s sgd", "beta.1": 0.9},\n' +
      '    "a.b": True,\n    "layers": [1, None],\n}\n',
  );
});
