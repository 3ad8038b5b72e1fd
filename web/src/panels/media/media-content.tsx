/**
 * The content of an item by its kind. What needs a large library is loaded with the first that is in view.
 */

import { lazy, Suspense, useRef } from "react";
import { isReadable } from "@/data/media/molecule";
import { useInView } from "../use-in-view";
import { Download } from "./content-fault";
import type { ContentProps } from "./content-props";
import { ImageContent } from "./image-content";
import { nameOf } from "./media-groups";

const FigureContent = lazy(() =>
  import("./figure-content").then((file) => ({ default: file.FigureContent })),
);
const ObjectContent = lazy(() =>
  import("./object-content").then((file) => ({ default: file.ObjectContent })),
);

export function MediaContent(props: ContentProps) {
  const { item, isLarge } = props;
  const { url, media_type: type } = item.file;
  if (item.kind === "image" || (item.kind === "video" && type.startsWith("image/")))
    return <ImageContent {...props} />;
  if (item.kind === "video")
    return (
      <video
        className="media-fill"
        src={url}
        controls
        loop
        muted
        playsInline
        preload="metadata"
        autoPlay={isLarge}
      />
    );
  if (item.kind === "audio")
    return (
      // biome-ignore lint/a11y/useMediaCaption: there is no text of it
      <audio className="media-sound" src={url} controls preload="none" aria-label={nameOf(item)} />
    );
  if (item.kind === "html")
    return (
      // in an origin of its own; the server's answer says the same, for those who open it in a tab
      <iframe className="media-fill" src={url} title={nameOf(item)} sandbox="allow-scripts" loading="lazy" />
    );
  if (item.kind === "molecule" && !isReadable(item.file.path))
    return (
      <div className="media-say">
        <span>Molecules of this format are not drawn</span>
        <Download item={item} />
      </div>
    );
  if (item.kind === "plotly" || item.kind === "object3d" || item.kind === "molecule")
    return <Drawn {...props} />;
  return <Download item={item} />;
}

/** What is drawn by code: only while it is in view. */
function Drawn(props: ContentProps) {
  const ref = useRef<HTMLDivElement>(null);
  const isInView = useInView(ref) || props.isLarge;
  const Content = props.item.kind === "plotly" ? FigureContent : ObjectContent;
  return (
    <div className="media-fill" ref={ref}>
      {isInView && (
        <Suspense>
          <Content {...props} />
        </Suspense>
      )}
    </div>
  );
}
