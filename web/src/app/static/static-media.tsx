/** Takes the place of the contents of media in a static file: images are inside of it, and nothing else is. */

import { nameOf } from "@/panels/media/grid/media-groups";
import type { ContentProps } from "@/panels/media/kinds/content-props";

/** Smaller images are shown with their pixels, and not blurred. */
const TINY_PX = 100;

export function MediaContent({ item }: ContentProps) {
  const { width, height, file } = item;
  if (file.error) return <span className="media-say">{file.error}</span>;
  // an image in the cell of a table has an address of the server
  if (!file.url.startsWith("data:")) return <span className="muted">not in the file</span>;
  const ratio = width && height ? width / height : null;
  const style = ratio === null ? {} : { aspectRatio: ratio, width: `min(100cqw, 100cqh * ${ratio})` };
  const isTiny = width !== null && height !== null && Math.max(width, height) < TINY_PX;
  return (
    <span className="media-fit" style={style}>
      <img className={isTiny ? "tiny" : ""} src={file.url} alt={nameOf(item)} draggable={false} />
    </span>
  );
}
