/** Tells shortcuts of the page from keys that are typed into a field. */

/** Fields in which keys are text, unlike sliders and checkboxes. */
export const TEXT_FIELDS =
  "input:not([type=range], [type=checkbox], [type=radio], [type=file]), textarea, [contenteditable]";

type Keys = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">;

/** Whether a key is text that could be typed into a field; a space presses buttons. */
export function isLetter({ key, ctrlKey, metaKey, altKey }: Keys): boolean {
  return key.length === 1 && key !== " " && !ctrlKey && !metaKey && !altKey;
}

/** Overlays that have the page's keys; full screen is a page itself. */
const OVERLAYS = "[role=dialog]:not(.full), [role=menu]";

/** Whether full screen or a comparison lies over the page, which then has keys of its own. */
export function isPageCovered(): boolean {
  return document.querySelector("[data-covered]") !== null;
}

/** Whether a menu, window or dialog is open, also where the focus is not in it yet. */
export function isOverlayOpen(): boolean {
  return document.querySelector(OVERLAYS) !== null;
}

/** Whether a key is a shortcut of the page: pressed alone, in no field, and not while something lies over the page. */
export function isPageKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return false;
  return isOfPage(event.target);
}

/** Whether what happens there is the page's: in no field, and not in what lies over it. */
export function isOfPage(target: EventTarget | null): boolean {
  if (!(target instanceof Element) || target.closest(`${TEXT_FIELDS}, select`)) return false;
  // an open overlay has the focus; where it lost it, keys are still not the page's
  return target === document.body ? !isOverlayOpen() : target.closest(OVERLAYS) === null;
}
