import { expect, test } from "vitest";
import css from "./tokens.css?raw";

const [light = "", dark = ""] = css.split('[data-theme="dark"] {');

function colorOf(part: string, name: string): string {
  return new RegExp(`--w-${name}: (#[0-9a-f]{6});`).exec(part)![1]!;
}

/** WCAG's relative luminance. */
function luminance(hex: string): number {
  const n = Number.parseInt(hex.slice(1), 16);
  const [r, g, b] = [n >> 16, (n >> 8) & 255, n & 255].map((part) => {
    const v = part / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

const ramp = (part: string) => Array.from({ length: 6 }, (_, i) => colorOf(part, `seq-${i + 1}`));

test("a ramp goes from near the ground of its theme to far from it", () => {
  for (const part of [light, dark]) {
    const far = ramp(part).map((color) => contrast(color, colorOf(part, "surface")));
    expect(far).toEqual([...far].sort((a, b) => a - b));
  }
});

test("the least color of the dark ramp is seen as a dot", () => {
  expect(contrast(ramp(dark)[0]!, colorOf(dark, "surface"))).toBeGreaterThan(3);
});

test("the least color of the light ramp is seen as a dot, and its first colors differ", () => {
  const far = ramp(light).map((color) => contrast(color, colorOf(light, "surface")));
  expect(far[0]).toBeGreaterThan(1.7);
  for (const [i, contrastOfColor] of far.slice(1).entries())
    expect(contrastOfColor / far[i]!).toBeGreaterThan(1.2);
});
