import { expect, test } from "vitest";
import { parametersOf, watchedParameters } from "./model-metrics";

const METRICS = [
  "loss",
  "parameters/fc10.weight",
  "gradients/fc2.weight",
  "gradients/fc2.bias",
  "parameters/fc2.weight",
  "gradients/fc2.norm.weight",
];

test("parameters are known by what was logged of them", () => {
  expect(watchedParameters(METRICS)).toEqual([
    { name: "fc2.bias", gradients: "gradients/fc2.bias", values: null },
    { name: "fc2.norm.weight", gradients: "gradients/fc2.norm.weight", values: null },
    { name: "fc2.weight", gradients: "gradients/fc2.weight", values: "parameters/fc2.weight" },
    { name: "fc10.weight", gradients: null, values: "parameters/fc10.weight" },
  ]);
});

test("a layer has its own parameters, and not those of the layers in it", () => {
  const names = parametersOf("fc2", watchedParameters(METRICS)).map(({ name }) => name);
  expect(names).toEqual(["fc2.bias", "fc2.weight"]);
  expect(parametersOf("fc", watchedParameters(METRICS))).toEqual([]);
});
