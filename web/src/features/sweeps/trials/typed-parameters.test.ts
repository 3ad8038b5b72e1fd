import { expect, test } from "vitest";
import { parameterHint, parameterValue } from "./typed-parameters";

const CONFIG = {
  parameters: {
    lr: { distribution: "log_uniform_values", min: 1e-4, max: 0.1 },
    name: { values: ["adam", "1", true] },
    many: { values: Array.from({ length: 20 }, (_, i) => i) },
    noise: { distribution: "normal", mu: 0, sigma: 2 },
  },
};

test("a typed text is the listed choice, a number, or itself", () => {
  expect(parameterValue(CONFIG, "lr", "1e-3")).toBe(0.001);
  expect(parameterValue(CONFIG, "name", "1")).toBe("1");
  expect(parameterValue(CONFIG, "name", "true")).toBe(true);
  expect(parameterValue(CONFIG, "name", "sgd")).toBe("sgd");
});

test("a field tells what may be typed", () => {
  expect(parameterHint(CONFIG, "lr")).toBe("0.0001 to 0.1, log uniform values");
  expect(parameterHint(CONFIG, "name")).toBe("adam, 1, true");
  expect(parameterHint(CONFIG, "many")).toBe("0, 1, 2, 3, 4, 5, 6, 7, … (20 values)");
  expect(parameterHint(CONFIG, "noise")).toBe("normal, mean 0, deviation 2");
  expect(parameterHint(CONFIG, "gone")).toBe("");
});
