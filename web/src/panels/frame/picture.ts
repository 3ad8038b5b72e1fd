/** A panel of any kind as a PNG: as it is on the screen, without its buttons. */

import { withSharpCharts } from "@/charts/surface";
import { token } from "@/charts/tokens";
import { fileName, saveFile } from "@/ui/browser/save-file";
import { attempt } from "@/ui/overlays/toasts";

/** Pixels of the file for each px: for slides and paper. */
const RATIO = 2;
const BUTTONS = ".act, .tools, .full-nav";

export async function savePicture(panel: HTMLElement, title: string): Promise<void> {
  await attempt("Could not make the picture", async () => {
    const { domToBlob } = await import("modern-screenshot");
    const picture = await withSharpCharts(panel, RATIO, () =>
      domToBlob(panel, {
        scale: RATIO,
        backgroundColor: token("surface"),
        filter: (node) => !(node instanceof Element && node.matches(BUTTONS)),
        features: { restoreScrollPosition: true },
      }),
    );
    saveFile(picture, `${fileName(title)}.png`);
  });
}
