/** The position of a mark's tooltip, which must not cover the mark. Pure. */

const OFFSET_PX = 14;
const EDGE_PX = 8;

interface Mark {
  readonly left: number;
  readonly top: number;
}

interface Box {
  readonly offsetWidth: number;
  readonly offsetHeight: number;
}

interface Page {
  readonly innerWidth: number;
  readonly innerHeight: number;
}

/** Right or left of the mark; above or below it where the page is too narrow for both. All in px of the viewport. */
export function tipCorner(mark: Mark, box: Box, page: Page): { readonly x: number; readonly y: number } {
  const { offsetWidth: width, offsetHeight: height } = box;
  const right = mark.left + OFFSET_PX;
  const left = mark.left - OFFSET_PX - width;
  const fitsRight = right + width <= page.innerWidth - EDGE_PX;
  if (!fitsRight && left < EDGE_PX) {
    const above = mark.top - OFFSET_PX - height;
    return {
      x: within(mark.left - width / 2, page.innerWidth - width),
      y: above < EDGE_PX ? mark.top + OFFSET_PX : above,
    };
  }
  return { x: fitsRight ? right : left, y: within(mark.top - height / 2, page.innerHeight - height) };
}

function within(at: number, most: number): number {
  return Math.max(EDGE_PX, Math.min(most - EDGE_PX, at));
}
