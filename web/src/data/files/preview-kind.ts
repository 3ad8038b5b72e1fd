/**
 * How a file of a run is shown, by its name and its type. Pure.
 */

import { baseName } from "@/data/files/base-name";
export type PreviewKind =
  | "image"
  | "video"
  | "audio"
  | "pdf"
  | "table"
  | "markdown"
  | "html"
  | "json"
  | "notebook"
  | "text"
  | "plotly"
  | "bokeh"
  | "graph"
  | "object3d"
  | "molecule"
  /** Its first bytes tell whether it is text. */
  | "unknown"
  | "none";

/** Longer ends come first: `plot.plotly.json` is a figure. */
const BY_END: readonly (readonly [PreviewKind, readonly string[]])[] = [
  ["plotly", ["plotly.json"]],
  ["bokeh", ["bokeh.json"]],
  ["graph", ["graph.json"]],
  ["object3d", ["pts.json", "obj", "stl", "gltf", "glb"]],
  ["molecule", ["pdb", "xyz"]],
  ["table", ["parquet", "csv", "tsv"]],
  ["notebook", ["ipynb"]],
  ["json", ["json"]],
  ["markdown", ["md", "markdown"]],
  ["html", ["html", "htm"]],
  ["pdf", ["pdf"]],
  ["image", ["png", "jpg", "jpeg", "gif", "webp", "bmp", "avif", "svg", "ico"]],
  ["video", ["mp4", "webm", "ogv", "mov", "m4v"]],
  ["audio", ["wav", "mp3", "ogg", "flac", "m4a", "opus"]],
  [
    "none",
    [
      "pt",
      "pth",
      "ckpt",
      "safetensors",
      "bin",
      "onnx",
      "h5",
      "hdf5",
      "pkl",
      "pickle",
      "joblib",
      "npy",
      "npz",
    ],
  ],
  ["none", ["zip", "gz", "bz2", "xz", "zst", "tar", "tgz", "7z", "so", "whl", "pyc", "arrow", "feather"]],
];

/** In what follows a folder, each of these ends a name after a dot. */
export function previewKind(path: string, mediaType: string): PreviewKind {
  const name = baseName(path).toLowerCase();
  for (const [kind, ends] of BY_END) if (ends.some((end) => name.endsWith(`.${end}`))) return kind;
  const [family] = mediaType.split("/");
  if (family === "text") return "text";
  if (family === "image" || family === "video" || family === "audio") return family;
  return "unknown";
}

/** Whether bytes from the beginning of a file are those of a text in UTF-8. */
export function isText(bytes: Uint8Array): boolean {
  if (bytes.includes(0)) return false;
  try {
    // the last character may be cut
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Kinds whose content is code or prose, which can be shown as it is written, too. */
export function hasSource(kind: PreviewKind): boolean {
  return kind === "markdown" || kind === "html" || kind === "notebook";
}
