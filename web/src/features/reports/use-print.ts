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
      window.print();
    } finally {
      if (theme === undefined) delete dataset.theme;
      else dataset.theme = theme;
      setPrinting(false);
    }
  };
  return { isPrinting, print: () => void print() };
}
