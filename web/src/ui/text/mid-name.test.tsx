import { renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, it, vi } from "vitest";
import { tellingParts } from "@/data/text/name-parts";

vi.stubGlobal("ResizeObserver", class {});
Object.defineProperty(document, "fonts", { value: { addEventListener: () => {} } });
const { NamesBeside, usePartsOfNames } = await import("./mid-name");

it("cuts a few names of a list as the list does, and other names by themselves", () => {
  const list = ["gb-a-fold4-99", "gb-b-fold4-98", "rf-a-fold1-97", "rf-b-fold0-96"];
  const wrapper = ({ children }: { children: ReactNode }) => (
    <NamesBeside names={list}>{children}</NamesBeside>
  );
  const partsOf = (names: readonly string[], isAlone = false) =>
    renderHook(() => usePartsOfNames(names, isAlone), { wrapper }).result.current;
  const first = (names: readonly string[]) => tellingParts(names[0]!, partsOf(names))![0]!.from;
  const whole = renderHook(() => usePartsOfNames(list)).result.current;
  expect(tellingParts(list[1]!, whole)![0]!.from).toBe("gb-b-fold4-".length);
  // by themselves, these two differ first in their first part
  const two = [list[1]!, list[3]!];
  expect(first(two)).toBe("gb-b-fold4-".length);
  expect(first(["x-1", "y-1"])).toBe(0);
  expect(partsOf(two, true).texts).toEqual(new Set(two));
  expect(partsOf([]).texts).toEqual(new Set(list));
});
