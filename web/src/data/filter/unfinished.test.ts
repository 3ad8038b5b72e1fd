import { describe, expect, it } from "vitest";
import { unfinishedFilter } from "./unfinished";

describe("what comes next in a filter", () => {
  it.each([
    ["state", "an operator such as = > in contains exists comes next"],
    ['a > 1 and ("config.learning rate" ', "an operator such as = > in contains exists comes next"],
    ["state = ", "a value comes next"],
    ["tags has", "a value comes next"],
    ["state in (failed, ", "a value, or a closing bracket, comes next"],
    ["a > 1 and", "a condition comes next"],
    ["not (", "a condition comes next"],
    ['name = "resn', "a closing quote comes next"],
  ])("%s", (text, words) => expect(unfinishedFilter(text)).toBe(words));

  it.each([
    "",
    "state = failed",
    "config.lr > 0.01 and tags has baseline",
    "not (state = failed or runtime < 5m)",
    "config.optimizer.name in (adam, adamw)",
    'name matches "^resnet(\\\\d+"',
    "created > -7d and summary.val/acc exists",
    'notes contains "it\'s (" and state != failed',
  ])("knows nothing missing in %s", (text) => expect(unfinishedFilter(text)).toBeNull());
});
