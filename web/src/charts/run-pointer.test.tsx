import { expect, test, vi } from "vitest";
import { followRuns, type RunHover, type RunMark } from "./run-pointer";
import { highlightedRun } from "./shared-state";
import type { Surface } from "./surface";

/** A surface without its canvases, which jsdom does not have. */
function dotsOn(element: HTMLElement, marks: readonly RunMark[]) {
  const ended = new AbortController();
  const hovers: (RunHover | null)[] = [];
  const surface = {
    element,
    listen: (type: string, listener: EventListener) => element.addEventListener(type, listener),
    onEnd: (end: () => void) => ended.signal.addEventListener("abort", end),
  } as unknown as Surface<unknown>;
  followRuns(surface, () => marks, { onHover: (hover) => hovers.push(hover) });
  return { hovers, destroy: () => ended.abort() };
}

const LISTENED = ["scroll", "pointerdown"];

/** Listeners of the page for what ends a hover. */
function watchListeners(): Set<string> {
  const types = new Set<string>();
  const { addEventListener, removeEventListener } = document;
  vi.spyOn(document, "addEventListener").mockImplementation(
    (...args: Parameters<Document["addEventListener"]>) => {
      if (LISTENED.includes(args[0])) types.add(args[0]);
      addEventListener.apply(document, args);
    },
  );
  vi.spyOn(document, "removeEventListener").mockImplementation(
    (...args: Parameters<Document["removeEventListener"]>) => {
      types.delete(args[0]);
      removeEventListener.apply(document, args);
    },
  );
  return types;
}

test("a chart of dots listens to the page only while a dot is highlighted, and a scroll ends that", () => {
  const types = watchListeners();
  const element = document.body.appendChild(document.createElement("div"));
  const chart = dotsOn(element, [{ id: "a", x: 20, y: 20 }]);
  expect([...types]).toEqual([]);
  const { left, top } = element.getBoundingClientRect();
  const tap = (x: number, y: number) =>
    element.dispatchEvent(
      new PointerEvent("click", { pointerType: "touch", clientX: left + x, clientY: top + y, bubbles: true }),
    );
  tap(21, 21);
  expect(highlightedRun.get()).toBe("a");
  expect([...types].sort()).toEqual([...LISTENED].sort());
  document.dispatchEvent(new Event("scroll"));
  expect(highlightedRun.get()).toBeNull();
  expect(chart.hovers.at(-1)).toBeNull();
  expect([...types]).toEqual([]);
  tap(21, 21);
  chart.destroy();
  expect(highlightedRun.get()).toBeNull();
  expect([...types]).toEqual([]);
  element.remove();
});
