/**
 * Prints a report with all of its panels, also those out of view, in the colors of paper: the browser's own command
 * prints what is drawn.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { allAnswered } from "@/api/reports/all-answered";

export function usePrint(): { readonly isPrinting: boolean; print(): void } {
  const client = useQueryClient();
  const [isPrinting, setPrinting] = useState(false);
  const print = async () => {
    setPrinting(true);
    const { dataset } = document.documentElement;
    const { theme } = dataset;
    dataset.theme = "light";
    try {
      await allAnswered(client);
      await imagesLoaded();
      window.print();
    } finally {
      if (theme === undefined) delete dataset.theme;
      else dataset.theme = theme;
      setPrinting(false);
    }
  };
  return { isPrinting, print: () => void print() };
}

/** Waits for the images of the text, also those that were not in view. */
async function imagesLoaded(): Promise<void> {
  const images = [...document.querySelectorAll<HTMLImageElement>(".image-block img")];
  for (const image of images) image.loading = "eager";
  await Promise.all(images.map((image) => image.decode().catch(() => undefined)));
}
