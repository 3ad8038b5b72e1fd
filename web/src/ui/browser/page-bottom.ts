import { isPhone } from "../hooks/use-phone";

/** The lowest y of the page, px: on a phone the upper edge of the bar below it. Reads the layout. */
export function pageBottom(): number {
  const bar = isPhone() ? document.querySelector(".rail") : null;
  return bar?.getBoundingClientRect().top ?? window.innerHeight;
}
