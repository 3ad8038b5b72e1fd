import { describe, expect, it } from "vitest";
import { bestColors, lineField, withLineColors } from "./look";
import type { Spec } from "./preset";

const RUN = { field: "color", scale: null };
const SPEC: Spec = { encoding: { x: {}, color: RUN, strokeDash: { field: "field_class", title: "class" } } };

function channels(spec: Spec): Readonly<Record<string, Spec>> {
  return spec.encoding as Readonly<Record<string, Spec>>;
}

describe("lines of a chart", () => {
  it("are colored by what few colors and dashes tell apart best", () => {
    expect(bestColors(1, 1)).toBe("run");
    expect(bestColors(1, 10)).toBe("line");
    expect(bestColors(3, 3)).toBe("run");
    expect(bestColors(2, 10)).toBe("line");
    expect(bestColors(50, 3)).toBe("run");
    expect(bestColors(50, 10)).toBe("run");
  });

  it("have their runs' colors and dashes of their own, or the other way round", () => {
    expect(lineField(SPEC)).toBe("field_class");
    const byRun = channels(withLineColors(SPEC, "run", 3, 2));
    expect(byRun).toMatchObject({ color: RUN, strokeDash: { field: "field_class" } });
    const byLine = channels(withLineColors(SPEC, "line", 3, 2));
    expect(byLine).toMatchObject({ color: { field: "field_class" }, strokeDash: { field: "name" } });
  });

  it("have no dashes where these would not tell them apart", () => {
    expect(channels(withLineColors(SPEC, "line", 1, 10)).strokeDash).toBeUndefined();
    const many = channels(withLineColors(SPEC, "run", 50, 10));
    expect(many.strokeDash).toBeUndefined();
    expect(many.detail).toEqual([{ field: "name" }, { field: "field_class" }]);
    expect(channels(withLineColors(SPEC, "run", 3, 1)).strokeDash).toBeUndefined();
  });

  it("are as the specification says where it has none that dashes tell apart", () => {
    const bars: Spec = { encoding: { x: {}, color: RUN } };
    expect(lineField(bars)).toBeNull();
    expect(withLineColors(bars, "line", 3, 2)).toBe(bars);
  });
});
