import { describe, expect, test } from "vitest";
import { errorsOnce, logLevelOf } from "./log-levels";

describe("logLevelOf", () => {
  test.each([
    ["ERROR:my_app:no such file", "error"],
    ["Traceback (most recent call last):", "error"],
    ["torch.cuda.OutOfMemoryError: tried to allocate 2 GiB", "error"],
    ["[2026-11-24] CRITICAL disk is full", "error"],
    ["/lib/x.py:3: UserWarning: deprecated", "warning"],
    ["WARN slow batch", "warning"],
    ["a warning, then an ERROR", "error"],
    ["train_error_rate 0.3", null],
    ["terror, errors and warnings are words", null],
    ["epoch 3 loss 0.25", null],
  ])("%s: %s", (text, level) => expect(logLevelOf(text)).toBe(level));
});

describe("the lines of errors", () => {
  test("has of a traceback only its end, where that names an error", () => {
    // 3 and 9 begin tracebacks
    expect(errorsOnce([3, 9, 12, 40], [12, 40])).toEqual([3, 12, 40]);
    expect(errorsOnce([3, 7], [7])).toEqual([7]);
  });

  test("keeps a traceback whose end has another name", () => {
    expect(errorsOnce([3], [])).toEqual([3]);
    expect(errorsOnce([3, 900], [900])).toEqual([3, 900]);
  });
});
