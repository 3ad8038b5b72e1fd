import { fireEvent, render } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { leaveWheelToPage } from "./page-wheel";

/** A page of 2,000 px in 500 with an area of 300 px in 100; jsdom lays nothing out. */
function openPage() {
  const { getByTestId } = render(
    <div data-testid="page" style={{ overflowY: "auto" }}>
      <div ref={leaveWheelToPage} data-testid="area" />
    </div>,
  );
  const [page, area] = [getByTestId("page"), getByTestId("area")];
  const sizes = (element: Element, clientHeight: number, scrollHeight: number) =>
    Object.defineProperties(element, {
      clientHeight: { value: clientHeight },
      scrollHeight: { value: scrollHeight },
    });
  sizes(page, 500, 2000);
  sizes(area, 100, 300);
  const scrollTo = vi.fn();
  page.scrollTo = scrollTo;
  const turn = (element: Element, clientX: number) => fireEvent.wheel(element, { deltaY: 100, clientX });
  return { page, area, scrollTo, turn };
}

test("a page that is scrolled goes on over an area that scrolls by itself, until the pointer moves", () => {
  const { page, area, scrollTo, turn } = openPage();
  turn(page, 10);
  // what is handled returns false
  expect(turn(area, 12)).toBe(false);
  turn(area, 12);
  expect(scrollTo.mock.calls.map(([to]) => to.top)).toEqual([100, 200]);
  // the area has the wheel of a pointer that has moved, and those after it
  expect(turn(area, 40)).toBe(true);
  expect(turn(area, 40)).toBe(true);
  expect(scrollTo).toHaveBeenCalledTimes(2);
});

test("turns that the browser leaves to the page are not added to it", () => {
  const { page, area, scrollTo, turn } = openPage();
  turn(page, 10);
  fireEvent.wheel(area, { deltaY: 100, clientX: 10, cancelable: false });
  expect(scrollTo).not.toHaveBeenCalled();
  turn(area, 10);
  expect(scrollTo).toHaveBeenCalledTimes(1);
});

test("an area that is clicked has the wheel", () => {
  const { page, area, scrollTo, turn } = openPage();
  turn(page, 10);
  expect(turn(area, 10)).toBe(false);
  fireEvent.pointerDown(area);
  expect(turn(area, 10)).toBe(true);
  expect(scrollTo).toHaveBeenCalledTimes(1);
});

test("an area takes the wheel after a rest, and leaves it to the page at its end", () => {
  const { page, area, scrollTo, turn } = openPage();
  const now = vi.spyOn(Event.prototype, "timeStamp", "get");
  now.mockReturnValue(1000);
  turn(page, 10);
  now.mockReturnValue(3000);
  expect(turn(area, 10)).toBe(true);
  area.scrollTop = 200;
  turn(area, 10);
  area.scrollTop = 0;
  // the turn at its end was the page's, which is at its own end now
  page.scrollTop = 1500;
  expect(turn(area, 10)).toBe(true);
  page.scrollTop = 0;
  area.scrollTop = 200;
  turn(area, 10);
  area.scrollTop = 0;
  expect(turn(area, 10)).toBe(false);
  expect(scrollTo).toHaveBeenCalledTimes(1);
  now.mockRestore();
});
