/**
 * Where the focus goes after a panel was moved, resized or added, or a section was added: it may come later.
 */

/** Ends the wait of the last call. */
let endWait = () => {};

/** Focus what a selector finds as soon as it is there, and bring it into view; not once a person does something else. */
function focusSoon(selector: string): void {
  endWait();
  const acts = new AbortController();
  const observer = new MutationObserver(() => look());
  const end = () => {
    acts.abort();
    observer.disconnect();
  };
  const look = () => {
    const element = document.querySelector<HTMLElement>(selector);
    if (!element) return;
    end();
    if (document.activeElement !== element) element.focus({ preventScroll: true });
    element.closest("[data-cell]")?.scrollIntoView({ block: "nearest" });
  };
  for (const act of ["pointerdown", "keydown"])
    document.addEventListener(act, end, { capture: true, signal: acts.signal });
  // what the change itself focuses comes first
  requestAnimationFrame(() => {
    if (acts.signal.aborted) return;
    observer.observe(document.body, { childList: true, subtree: true });
    look();
  });
  endWait = end;
}

/** The button of a panel's menu. */
export function focusMenu(id: string): void {
  focusSoon(`[data-cell="${CSS.escape(id)}"] .panel-menu button`);
}

/** The head of a section that was just added, before all others. */
export function focusFirstSection(name: string): void {
  // of what is far from the view nothing exists
  document.querySelector(".board")?.scrollIntoView({ block: "start" });
  focusSoon(`[data-section="${CSS.escape(name)}"] .fold`);
}
