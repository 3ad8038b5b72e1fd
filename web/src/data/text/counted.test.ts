import { expect, test } from "vitest";
import { noneHas, someHave } from "./counted";

test("the verb agrees with the number of things that it is about", () => {
  expect([someHave(1, 1, "run"), someHave(1, 3, "run"), someHave(2, 3, "run")]).toEqual([
    "1 of 1 run has",
    "1 of 3 runs has",
    "2 of 3 runs have",
  ]);
});

test("of one thing nothing is said as of several", () => {
  expect([noneHas(1, "run"), noneHas(1200, "run")]).toEqual([
    "The run does not have",
    "None of 1,200 runs has",
  ]);
  expect([noneHas(1, "run", "shown"), noneHas(3, "run", "shown")]).toEqual([
    "The run shown does not have",
    "None of the 3 runs shown has",
  ]);
  expect([noneHas(1, "run", "first"), noneHas(200, "run", "first")]).toEqual([
    "The first run does not have",
    "None of the first 200 runs has",
  ]);
});
