import { act, render, renderHook, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { FoldedList, useListFold } from "./list-fold";

afterEach(() => localStorage.clear());

function isFoldedAt(width: number): boolean {
  return renderHook(() => useListFold(width, false)).result.current[0];
}

test("the list is folded or open as it was chosen last, on narrow and on wide pages", () => {
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([true, false]);
  const narrow = renderHook(() => useListFold(900, false));
  act(() => narrow.result.current[1](false));
  expect(narrow.result.current[0]).toBe(false);
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([false, false]);
  const wide = renderHook(() => useListFold(1440, false));
  act(() => wide.result.current[1](true));
  expect([isFoldedAt(900), isFoldedAt(1440)]).toEqual([false, true]);
  act(() => narrow.result.current[1](true));
  expect(isFoldedAt(900)).toBe(true);
});

test("a narrow page folds the list while settings are open, and puts it back", () => {
  const { result, rerender } = renderHook(({ width, isSet }) => useListFold(width, isSet), {
    initialProps: { width: 960, isSet: false },
  });
  act(() => result.current[1](false));
  rerender({ width: 960, isSet: true });
  expect(result.current[0]).toBe(true);
  rerender({ width: 1440, isSet: true });
  expect(result.current[0]).toBe(false);
  rerender({ width: 960, isSet: true });
  // by its button next to the settings, for as long as they are open
  act(() => result.current[1](false));
  expect(result.current[0]).toBe(false);
  act(() => result.current[1](true));
  rerender({ width: 960, isSet: false });
  expect(result.current[0]).toBe(false);
  rerender({ width: 960, isSet: true });
  expect(result.current[0]).toBe(true);
});

test("a folded list shows that it is filtered, and by what, and a click opens the filter", () => {
  const onFilter = vi.fn();
  const list = (filter: string) => (
    <FoldedList nShown={10} nListed={21} filter={filter} onOpen={vi.fn()} onFilter={onFilter} />
  );
  const { rerender } = render(list(""));
  expect(screen.getAllByRole("button")).toHaveLength(1);
  rerender(list("config.lr > 0.1"));
  const button = screen.getByRole("button", { name: "Only runs with config.lr > 0.1" });
  act(() => button.click());
  expect(onFilter).toHaveBeenCalledOnce();
});
