import { createEvent, fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { useSwipe } from "./use-swipe";

const WIDTH_PX = 300;
/** React takes the time of an event at 0 for a missing one. */
const BEGAN_MILLIS = 1000;

function Swiped({ onSwipe, isFollowed }: { onSwipe: (step: 1 | -1) => void; isFollowed: boolean }) {
  return <p {...useSwipe(onSwipe, { isFollowed })}>picture</p>;
}

function renderSwiped(isFollowed: boolean) {
  const onSwipe = vi.fn();
  render(<Swiped onSwipe={onSwipe} isFollowed={isFollowed} />);
  const element = screen.getByText("picture");
  Object.defineProperty(element, "clientWidth", { value: WIDTH_PX });
  const touch = (kind: "touchStart" | "touchMove" | "touchEnd", x: number, y: number, millis: number) => {
    const points = [{ clientX: x, clientY: y }];
    const event = createEvent[kind](element, { touches: points, changedTouches: points });
    Object.defineProperty(event, "timeStamp", { value: BEGAN_MILLIS + millis });
    fireEvent(element, event);
  };
  /** Drag from the middle; what the element has as its distance before the finger leaves. */
  const drag = (px: number, millis: number, down = 0) => {
    touch("touchStart", 150, 100, 0);
    touch("touchMove", 150 + px, 100 + down, millis / 2);
    const distance = element.style.getPropertyValue("--swipe-px");
    touch("touchEnd", 150 + px, 100 + down, millis);
    expect(element.style.getPropertyValue("--swipe-px")).toBe("");
    return distance;
  };
  return { onSwipe, drag };
}

test("what follows the finger is led on by a flick, and by a slow drag past a third of its width", () => {
  const { onSwipe, drag } = renderSwiped(true);
  expect(drag(-60, 100)).toBe("-60px");
  expect(onSwipe.mock.calls).toEqual([[1]]);
  expect(drag(-90, 900)).toBe("-90px");
  expect(onSwipe).toHaveBeenCalledTimes(1);
  drag(-110, 900);
  drag(110, 900);
  expect(onSwipe.mock.calls).toEqual([[1], [1], [-1]]);
  // along the page
  expect(drag(-110, 900, 120)).toBe("0px");
  expect(onSwipe).toHaveBeenCalledTimes(3);
});

test("what does not follow the finger is led on by flicks alone", () => {
  const { onSwipe, drag } = renderSwiped(false);
  expect(drag(-200, 900)).toBe("");
  expect(onSwipe).not.toHaveBeenCalled();
  drag(60, 100);
  expect(onSwipe.mock.calls).toEqual([[-1]]);
});
