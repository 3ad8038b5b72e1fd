/** The props of every kind of content. */

import type { MediaItem } from "@/api/files/media";
import type { MediaOptions } from "../options";

export interface ContentProps {
  readonly item: MediaItem;
  readonly options: MediaOptions;
  /** It has the whole page. */
  readonly isLarge?: boolean;
}
