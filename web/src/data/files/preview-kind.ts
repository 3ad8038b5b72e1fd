/** The preview of a run's file, by its name and its type. Pure. */

import { baseName } from "@/data/files/base-name";
import { MEDIA_KINDS } from "../lists.gen";

type MediaKind = keyof typeof MEDIA_KINDS;

/** Kinds of files that are no media. */
export const OTHER_KINDS = {
  notebook: { view: "text", icon: "code", endings: ["ipynb"] },
  json: { view: "text", icon: "code", endings: ["json"] },
  markdown: { view: "text", icon: "file", endings: ["md", "markdown"] },
  text: { view: "text", icon: "code", endings: [] },
  pdf: { view: "pdf", icon: "file", endings: ["pdf"] },
  none: {
    view: "none",
    icon: "file",
    endings: [
      ...["pt", "pth", "ckpt", "safetensors", "bin", "onnx", "h5", "hdf5"],
      ...["pkl", "pickle", "joblib", "npy", "npz"],
      ...["zip", "gz", "bz2", "xz", "zst", "tar", "tgz", "7z", "so", "whl", "pyc", "arrow", "feather"],
    ],
  },
  /** Its first bytes tell whether it is text. */
  unknown: { view: "unknown", icon: "file", endings: [] },
} as const;

type OtherKind = keyof typeof OTHER_KINDS;
export type PreviewKind = MediaKind | OtherKind;

export const KINDS_BY_ENDING = Object.entries({ ...MEDIA_KINDS, ...OTHER_KINDS }).flatMap(
  ([kind, { endings }]) => endings.map((ending) => [ending, kind as PreviewKind] as const),
);
const KIND_OF_ENDING = new Map<string, PreviewKind>(KINDS_BY_ENDING);

/** By the longest end of its name that is known: `plot.plotly.json` is a figure. */
export function previewKind(path: string, mediaType: string): PreviewKind {
  const parts = baseName(path).toLowerCase().split(".");
  for (let i = 1; i < parts.length; i++) {
    const kind = KIND_OF_ENDING.get(parts.slice(i).join("."));
    if (kind) return kind;
  }
  const [family] = mediaType.split("/");
  if (family === "text") return "text";
  if (family === "image" || family === "video" || family === "audio") return family;
  return "unknown";
}

function isOther(kind: PreviewKind): kind is OtherKind {
  return kind in OTHER_KINDS;
}

/** What shows the content of a file. */
export function viewOf(kind: PreviewKind) {
  return isOther(kind) ? OTHER_KINDS[kind].view : MEDIA_KINDS[kind].panel;
}

export function iconOf(kind: PreviewKind) {
  return isOther(kind) ? OTHER_KINDS[kind].icon : MEDIA_KINDS[kind].icon;
}

/** Whether the content is text that people read, of which two versions are compared by line. */
export function isTextKind(kind: PreviewKind): boolean {
  return isOther(kind) ? OTHER_KINDS[kind].view === "text" : MEDIA_KINDS[kind].isText;
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
  return kind === "markdown" || kind === "notebook" || (isTextKind(kind) && viewOf(kind) !== "text");
}
