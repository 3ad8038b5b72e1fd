/** Numbers in what is copied from a page: as programs read them, and with all digits where `data-exact` has those. */

import { programText } from "@/data/text/program-text";

/** Change what is copied from the page, not from a field. Once per page. */
export function copyNumbersForPrograms(): () => void {
  document.addEventListener("copy", copyForPrograms);
  return () => document.removeEventListener("copy", copyForPrograms);
}

function copyForPrograms(event: ClipboardEvent): void {
  const selection = document.getSelection();
  if (event.defaultPrevented || !selection || selection.isCollapsed || isOwnText(event.target)) return;
  const text = selection.toString();
  const plain = exactNumber(selection, text) ?? programText(text);
  if (plain === text) return;
  event.preventDefault();
  event.clipboardData?.setData("text/plain", plain);
  event.clipboardData?.setData("text/html", programHtml(selection.getRangeAt(0)));
}

/** Whether it is text of a person or a program, not of this app. */
function isOwnText(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest("input, textarea, [contenteditable], pre, code") !== null
  );
}

/** All digits of the number that is selected as a whole. */
function exactNumber(selection: Selection, text: string): string | null {
  const node = selection.getRangeAt(0).commonAncestorContainer;
  const element = (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>("[data-exact]");
  return element && element.textContent.trim() === text.trim() ? (element.dataset.exact ?? null) : null;
}

/** For tables, which other programs read from this. */
function programHtml(range: Range): string {
  const box = document.createElement("div");
  box.append(range.cloneContents());
  const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.nodeValue = programText(walker.currentNode.nodeValue ?? "");
  return box.innerHTML;
}
