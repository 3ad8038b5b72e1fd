import { expect, test } from "vitest";
import { renderControl } from "@/testing/render";
import { Swatch } from "./legend";

test("dots without a line have a dot as their sign, which is not read as a minus", () => {
  renderControl(
    <>
      <Swatch item={{ color: 3, isDot: true }} />
      <Swatch item={{ color: 3 }} />
    </>,
  );
  const [dot, line] = document.querySelectorAll("i");
  expect(dot!.className).toBe("sw-dot");
  expect(line!.className).toContain("swatch");
});
