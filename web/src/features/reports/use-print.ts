/**
 * Prints a report with all of its panels, also those out of view, in the colors of paper: the browser's own command
 * prints what is drawn.
 */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

const CHECK_MILLIS = 100;
/** Without a request for so long, all answers have come, and charts are drawn. */
const STILL_MILLIS = 600;
const MOST_MILLIS = 30_000;

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

function allAnswered(client: QueryClient): Promise<void> {
  const begin = performance.now();
  let stillSince = begin;
  return new Promise((done) => {
    const check = () => {
      const now = performance.now();
      if (client.isFetching() > 0) stillSince = now;
      if (now - stillSince >= STILL_MILLIS || now - begin >= MOST_MILLIS) done();
      else setTimeout(check, CHECK_MILLIS);
    };
    check();
  });
}
