/** The graph of a model, of its file; and what it has in all, in words. */

import { contentQuery, type MediaFile } from "@/api/files/media";
import { type ModelGraph, readGraph } from "@/data/media/graph";
import { formatCount, formatNoun } from "@/data/text/format";

/** Null: the file has no layers. */
export function graphQuery(file: Pick<MediaFile, "path" | "url" | "n_bytes">) {
  return contentQuery(file, "graph", async (answer) => readGraph(await answer.json()));
}

export function totalsOf({ layers, nParameters }: ModelGraph): string {
  return `${formatNoun(layers.length, "layer")}, ${formatCount(nParameters)} ${nParameters === 1 ? "parameter" : "parameters"}`;
}
