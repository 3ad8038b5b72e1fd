/**
 * A video with the browser's controls; an animation, such as a GIF, as an image.
 */

import type { ContentProps } from "./content-props";
import ImageContent from "./image-content";

export default function VideoContent(props: ContentProps) {
  const { url, media_type: type } = props.item.file;
  if (type.startsWith("image/")) return <ImageContent {...props} />;
  return (
    <video
      className="media-fill"
      src={url}
      controls
      loop
      muted
      playsInline
      preload="metadata"
      autoPlay={props.isLarge}
    />
  );
}
