import { expect, test } from "vitest";
import { ansiSpans, PLAIN } from "./ansi";

test("colors and styles last until they are taken back", () => {
  expect(ansiSpans("a\x1b[1;31mb\x1b[22mc\x1b[0md")).toEqual([
    { text: "a", look: PLAIN },
    { text: "b", look: { ...PLAIN, isBold: true, color: "var(--w-ansi-red)" } },
    { text: "c", look: { ...PLAIN, color: "var(--w-ansi-red)" } },
    { text: "d", look: PLAIN },
  ]);
});

test("an empty code takes everything back, an unknown one changes nothing", () => {
  expect(ansiSpans("\x1b[4mx\x1b[my\x1b[53mz").map(({ look }) => look.isUnderlined)).toEqual([
    true,
    false,
    false,
  ]);
});

test("colors of 256 and of 24 bits take their own numbers only", () => {
  const [span] = ansiSpans("\x1b[38;5;196;1mx");
  expect(span!.look.isBold).toBe(true);
  expect(span!.look.color).toContain("rgb(255 0 0)");
  expect(ansiSpans("\x1b[48;2;1;2;3mx")[0]!.look.background).toContain("rgb(1 2 3)");
  expect(ansiSpans("\x1b[38;5;2mx")[0]!.look.color).toBe("var(--w-ansi-green)");
});

test("a text without codes stays as it is", () => {
  expect(ansiSpans("")).toEqual([{ text: "", look: PLAIN }]);
});
