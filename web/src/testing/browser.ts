/**
 * Set-up of component tests: what a browser has and jsdom lacks. A test fails when React or the code logs an error.
 */

import { notifyManager } from "@tanstack/react-query";
import { cleanup, configure, fireEvent } from "@testing-library/react";
import { afterEach, beforeEach, expect, vi } from "vitest";
import { computedStyle } from "./styles";

// on a busy machine the first answer of a lazy part takes long; a condition that holds ends the wait at once
configure({ asyncUtilTimeout: 20_000 });
notifyManager.setScheduler(queueMicrotask);

/** jsdom lays nothing out: each element has this size, so that lists have rows in view. */
const WIDTH_PX = 1200;
const HEIGHT_PX = 600;
for (const [name, px] of Object.entries({
  clientWidth: WIDTH_PX,
  offsetWidth: WIDTH_PX,
  clientHeight: HEIGHT_PX,
  offsetHeight: HEIGHT_PX,
  // lists may be scrolled as far as they like
  scrollHeight: 1_000_000,
}))
  Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get: () => px });

vi.stubGlobal("getComputedStyle", computedStyle);

// and each is in the middle of the page: what hangs from one that is out of sight is hidden
Element.prototype.getBoundingClientRect = () => new DOMRect(300, 200, 80, 28);

// nothing moves either
Element.prototype.animate = () =>
  ({ effect: { setKeyframes: () => {} }, pause: () => {} }) as unknown as Animation;

class SilentObserver implements ResizeObserver, IntersectionObserver {
  readonly root = null;
  readonly rootMargin = "";
  readonly scrollMargin = "";
  readonly thresholds = [];
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
  takeRecords(): never[] {
    return [];
  }
}

/** Nothing happens while a test runs but what it does itself. */
class SilentEventSource extends EventTarget {
  close(): void {}
}

vi.stubGlobal("EventSource", SilentEventSource);
vi.stubGlobal("ResizeObserver", SilentObserver);
vi.stubGlobal("IntersectionObserver", SilentObserver);
// transitions take no time
vi.stubGlobal("matchMedia", (media: string) =>
  Object.assign(new EventTarget(), {
    media,
    matches: media.includes("reduced-motion"),
    addListener() {},
    removeListener() {},
  }),
);
Object.defineProperty(document, "fonts", { configurable: true, value: new EventTarget() });
Element.prototype.scrollIntoView = () => {};
window.scrollTo = () => {};
Element.prototype.scrollTo = function (this: Element, to?: ScrollToOptions | number) {
  if (typeof to !== "object") return;
  if (to.top !== undefined) this.scrollTop = to.top;
  if (to.left !== undefined) this.scrollLeft = to.left;
  this.dispatchEvent(new Event("scroll"));
} as Element["scrollTo"];
// text is as wide as its letters; there is no canvas
HTMLCanvasElement.prototype.getContext = () => null;

/** A virtual list measures itself in an effect where jsdom tells a size at once; browsers tell it later. */
function isOfVirtualList(text: unknown): boolean {
  return String(text).startsWith("flushSync was called from inside a lifecycle method");
}

beforeEach(() => {
  // told by the test that fails of it
  vi.spyOn(console, "error").mockImplementation(() => {});
});

afterEach(() => {
  // messages outlast the page that showed them
  for (const cross of document.querySelectorAll(".toasts [aria-label=Close]")) fireEvent.click(cross);
  cleanup();
  localStorage.clear();
  const errors = vi.mocked(console.error).mock.calls.filter(([text]) => !isOfVirtualList(text));
  vi.restoreAllMocks();
  expect(errors).toEqual([]);
});
