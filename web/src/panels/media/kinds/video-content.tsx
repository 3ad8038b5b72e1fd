/**
 * A video: small, it plays by a click, with a line for its time; over the page with the browser's controls. An
 * animation, such as a GIF, is an image.
 */

import { useEffect, useRef, useState } from "react";
import { Icon } from "@/ui/signs/icons";
import { nameOf } from "../grid/media-groups";
import type { ContentProps } from "./content-props";
import ImageContent from "./image-content";
import { togglePlay, watchFrames } from "./videos";

export default function VideoContent(props: ContentProps) {
  const { item, isLarge = false } = props;
  const { url, media_type: type } = item.file;
  const ref = useRef<HTMLVideoElement>(null);
  const [isPaused, setPaused] = useState(true);
  const [part, setPart] = useState(0);
  const isVideo = !type.startsWith("image/");
  useEffect(() => (isVideo && ref.current ? watchFrames(ref.current) : undefined), [isVideo]);
  if (!isVideo) return <ImageContent {...props} />;
  const video = (
    <video
      ref={ref}
      className="media-fill"
      src={url}
      controls={isLarge}
      loop
      muted
      playsInline
      preload="metadata"
      autoPlay={isLarge}
      onPlay={() => setPaused(false)}
      onPause={() => setPaused(true)}
      onTimeUpdate={({ currentTarget: { currentTime, duration } }) =>
        setPart(duration > 0 ? currentTime / duration : 0)
      }
    />
  );
  if (isLarge) return video;
  return (
    <button
      type="button"
      className="media-play"
      aria-label={`${isPaused ? "Play" : "Pause"} ${nameOf(item)}`}
      onClick={() => ref.current && togglePlay([ref.current])}
    >
      {video}
      {isPaused && <Icon name="play" />}
      <i style={{ width: `${part * 100}%` }} />
    </button>
  );
}
