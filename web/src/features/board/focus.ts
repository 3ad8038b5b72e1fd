/**
 * Where the focus goes after a panel was moved, resized or added: its cell may come a few frames later.
 */

const TRIES = 20;

/** Focus what a selector finds as soon as it is there, and bring it into view. */
function focusSoon(selector: string, tries = TRIES): void {
  requestAnimationFrame(() => {
    const element = document.querySelector<HTMLElement>(selector);
    if (element) {
      if (document.activeElement !== element) element.focus({ preventScroll: true });
      element.closest("[data-cell]")?.scrollIntoView({ block: "nearest" });
    } else if (tries > 0) focusSoon(selector, tries - 1);
  });
}

/** The button of a panel's menu. */
export function focusMenu(id: string): void {
  focusSoon(`[data-cell="${CSS.escape(id)}"] .panel-menu button`);
}
