/** The place of a content that can't be shown: the reason, and a download. */

import type { MediaItem } from "@/api/files/media";
import { baseName } from "@/data/files/base-name";
import { formatBytes } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";

export function ContentFault({ item, reason }: { item: MediaItem; reason: string }) {
  return (
    <div className="media-say" role="status">
      <span className="media-why">{reason}</span>
      <Download item={item} />
    </div>
  );
}

export function Download({ item }: { item: MediaItem }) {
  const name = baseName(item.file.path);
  return (
    <a className="media-file" href={item.file.url} download={name} title={name}>
      <Icon name="download" isSmall />
      <span className="ell">{name}</span>
      <span className="muted tn">{formatBytes(item.file.n_bytes)}</span>
    </a>
  );
}
