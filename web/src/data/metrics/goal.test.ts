import { expect, it } from "vitest";
import { orderNote } from "./goal";

it("calls values best first only of a metric whose goal or name says what is better", () => {
  expect(orderNote("fit_seconds", null)).toBe("largest first");
  expect(orderNote("generalization_gap", null)).toBe("largest first");
  expect(orderNote("val/mAP", null)).toBe("best first");
  expect(orderNote("fit_seconds", "minimize")).toBe("best first");
  expect(orderNote("test_accuracy", null)).toBe("best first");
  expect(orderNote("val/loss", null)).toBe("best first");
});
