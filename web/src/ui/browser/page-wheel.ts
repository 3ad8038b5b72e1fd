/**
 * The wheel over an area that scrolls by itself, in a page that is being scrolled: the page goes on, until the pointer moves,
 * clicks, or has rested there for a while.
 */

/** A wheel that stands still for so long has ended. Firefox has the same. */
const REST_MILLIS = 1500;
/** A hand that turns the wheel moves the pointer so far, px. */
const STILL_PX = 8;
const LINE_PX = 40;

interface Turn {
  readonly millis: number;
  readonly x: number;
  readonly y: number;
}

/** The last turn of the wheel that moved the page; null: it moved an area in it. */
let pageTurn: Turn | null = null;
/** Where the page is on its way to. */
let target: { readonly page: Element; top: number } | null = null;

function turnOf({ timeStamp, clientX, clientY }: WheelEvent): Turn {
  return { millis: timeStamp, x: clientX, y: clientY };
}

function isSameTurn(turn: Turn, { millis, x, y }: Turn): boolean {
  return turn.millis - millis < REST_MILLIS && Math.hypot(turn.x - x, turn.y - y) < STILL_PX;
}

/** The area around an element that scrolls up and down. */
function pageOf(element: Element): Element | null {
  for (let at = element.parentElement; at; at = at.parentElement) {
    const { overflowY } = getComputedStyle(at);
    if (overflowY === "auto" || overflowY === "scroll") return at;
  }
  return null;
}

/** Turns that move an area, or the page in its place. */
const areaTurns = new WeakSet<Event>();

document.addEventListener(
  "wheel",
  (event) => {
    if (areaTurns.has(event)) return;
    pageTurn = turnOf(event);
    target = null;
  },
  { passive: true },
);

document.addEventListener("pointerdown", () => {
  pageTurn = null;
});

function canScroll({ scrollTop, scrollHeight, clientHeight }: Element, by: number): boolean {
  return by < 0 ? scrollTop > 0 : scrollTop + clientHeight < scrollHeight - 1;
}

/** Leaves the wheel over a scrolled area to the page as long as it is the page's; returns what ends that. A ref, too. */
export function leaveWheelToPage(area: HTMLElement | null): (() => void) | undefined {
  const page = area && pageOf(area);
  if (!page) return undefined;
  const onWheel = (event: WheelEvent) => {
    const isAside = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
    if (event.ctrlKey || event.metaKey || isAside || !canScroll(area, event.deltaY)) return;
    areaTurns.add(event);
    const turn = turnOf(event);
    if (!pageTurn || !isSameTurn(turn, pageTurn) || !canScroll(page, event.deltaY)) {
      pageTurn = null;
      return;
    }
    pageTurn = turn;
    // these turns began over the page, and the browser scrolls it itself
    if (!event.cancelable) {
      target = null;
      return;
    }
    event.preventDefault();
    const px = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PX : event.deltaY;
    const most = page.scrollHeight - page.clientHeight;
    const from = target?.page === page ? target.top : page.scrollTop;
    target = { page, top: Math.max(0, Math.min(most, from + px)) };
    page.scrollTo({ top: target.top, behavior: "smooth" });
  };
  area.addEventListener("wheel", onWheel, { passive: false });
  return () => area.removeEventListener("wheel", onWheel);
}
