/** What every kind of content is given. */

import type { MediaItem } from "@/api/files/media";
import type { MediaOptions } from "../options";

export interface ContentProps {
  readonly item: MediaItem;
  readonly options: MediaOptions;
  /** It has the whole page. */
  readonly isLarge?: boolean;
}
