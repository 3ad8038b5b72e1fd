/** A stored file as panels take media: without a caption, layers, or a step. */

import type { ShownFile } from "@/api/files/files";
import type { MediaItem } from "@/api/files/media";

export function fileItem(file: ShownFile, kind: MediaItem["kind"]): MediaItem {
  return {
    kind,
    file: { ...file, state: "stored" },
    caption: null,
    width: null,
    height: null,
    layers: [],
    chart: null,
    join: null,
  };
}
