/**
 * A stored file as panels take media: without a caption, layers, or a step.
 */

import type { StoredFile } from "@/api/files";
import type { MediaItem } from "@/api/media";

export function fileItem(file: StoredFile, kind: MediaItem["kind"]): MediaItem {
  return {
    kind,
    file,
    caption: null,
    width: null,
    height: null,
    layers: [],
    chart: null,
    join: null,
  };
}
