/**
 * Copies a text, and tells in a message what was copied or why nothing was.
 */

import { showDone, showFailed } from "../overlays/toasts";

/** @param what as it follows "Copied": `the link to this page` */
export async function copyText(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    showDone(`Copied ${what}`);
  } catch (error) {
    showFailed("Could not copy", error);
  }
}
