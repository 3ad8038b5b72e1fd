import { attempt, showDone } from "../overlays/toasts";

/**
 * Copies a text, and tells in a message what was copied or why nothing was.
 *
 * @param label as it follows "Copied": `the link to this page`
 */
export async function copyText(text: string, label: string): Promise<void> {
  await attempt("Could not copy", async () => {
    await navigator.clipboard.writeText(text);
    showDone(`Copied ${label}`);
  });
}
