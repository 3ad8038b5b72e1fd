import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { useListFold } from "./list-fold";

afterEach(() => localStorage.clear());

function isFoldedAt(width: number): boolean {
  return renderHook(() => useListFold(width)).result.current[0];
}

test("the list is folded or open as it was chosen last, on narrow and on wide pages", () => {
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([true, false]);
  const narrow = renderHook(() => useListFold(900));
  act(() => narrow.result.current[1](false));
  expect(narrow.result.current[0]).toBe(false);
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([false, false]);
  const wide = renderHook(() => useListFold(1440));
  act(() => wide.result.current[1](true));
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([false, true]);
  act(() => narrow.result.current[1](true));
  expect(isFoldedAt(900)).toBe(true);
});
