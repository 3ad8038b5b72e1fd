import { expect, test, vi } from "vitest";
import { followKeys, type KeyTarget } from "./keyboard";
import { followPointer, type PointerTarget } from "./pointer";

/** A chart whose focus browsers call visible from the first key on. */
function chartElement() {
  const element = document.createElement("div");
  element.tabIndex = 0;
  document.body.append(element);
  return { element, isVisible: vi.spyOn(element, "matches") };
}

function press(element: HTMLElement, key: string) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
  return event.defaultPrevented;
}

test("after a click in the chart Escape is the page's, after keys it takes the crosshair first", () => {
  const { element, isVisible } = chartElement();
  const clear = vi.fn((isByKey: boolean) => isByKey);
  const unbind = followKeys(element, { clear, walk: vi.fn(), dismiss: vi.fn() } as unknown as KeyTarget);
  isVisible.mockReturnValue(false);
  element.dispatchEvent(new Event("pointerdown"));
  element.focus();
  isVisible.mockReturnValue(true);
  expect(press(element, "Escape")).toBe(false);
  expect(clear).toHaveBeenLastCalledWith(false);
  expect(press(element, "ArrowRight")).toBe(true);
  expect(press(element, "Escape")).toBe(true);
  unbind();
  element.remove();
});

test("Escape while one drags gives up the drag, and is no other's key", () => {
  const { element } = chartElement();
  element.setPointerCapture = vi.fn();
  const zoom = vi.fn();
  const clear = vi.fn(() => false);
  const frame = { left: 0, right: 100, floor: 100 };
  const target = { frame, zoom, select: vi.fn(), moveTo: vi.fn(), leave: vi.fn() };
  const ends = [
    followPointer(element, target as unknown as PointerTarget),
    followKeys(element, { clear, dismiss: vi.fn() } as unknown as KeyTarget),
  ];
  element.dispatchEvent(new MouseEvent("pointerdown", { button: 0, clientX: 10, clientY: 10 }));
  element.dispatchEvent(new MouseEvent("pointermove", { clientX: 60, clientY: 10 }));
  expect(press(element, "Escape")).toBe(true);
  element.dispatchEvent(new MouseEvent("pointerup"));
  expect(zoom).not.toHaveBeenCalled();
  expect(clear).not.toHaveBeenCalled();
  expect(press(element, "Escape")).toBe(false);
  for (const end of ends) end();
  element.remove();
});
