import { attempt, showDone } from "../overlays/toasts";

/**
 * Copies a text, and tells in a message what was copied or why nothing was.
 *
 * @param label as it follows "Copied": `the link to this page`
 */
export async function copyText(text: string, label: string): Promise<void> {
  await attempt("Could not copy", async () => {
    await writeClipboard(text);
    showDone(`Copied ${label}`);
  });
}

/** Put a text in the clipboard, also on a page served over plain HTTP, where browsers hide `navigator.clipboard`. */
export async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  // without a keyboard that slides in on a phone
  field.readOnly = true;
  field.style.position = "fixed";
  document.body.append(field);
  field.focus({ preventScroll: true });
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  if (!isCopied) throw new Error("the browser allows it only over HTTPS");
}
