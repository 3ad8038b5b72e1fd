/**
 * The content of an item by its kind. What needs a large library is loaded with the first that is in view.
 */

import { type ComponentType, lazy, Suspense, useRef } from "react";
import { isReadable } from "@/data/media/molecule";
import { useInView } from "../use-in-view";
import { Download } from "./content-fault";
import type { ContentProps } from "./content-props";
import { ImageContent } from "./image-content";
import { PageContent } from "./page-content";
import { SoundContent } from "./sound-content";

const BokehContent = lazy(() => import("./bokeh-content").then((file) => ({ default: file.BokehContent })));
const FigureContent = lazy(() =>
  import("./figure-content").then((file) => ({ default: file.FigureContent })),
);
const GraphContent = lazy(() => import("./graph-content").then((file) => ({ default: file.GraphContent })));
const ObjectContent = lazy(() =>
  import("./object-content").then((file) => ({ default: file.ObjectContent })),
);

const DRAWN: Readonly<Record<string, ComponentType<ContentProps>>> = {
  bokeh: BokehContent,
  plotly: FigureContent,
  object3d: ObjectContent,
  molecule: ObjectContent,
  audio: SoundContent,
  graph: GraphContent,
};

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
  if (item.kind === "html") return <PageContent key={url} {...props} />;
  if (item.kind === "molecule" && !isReadable(item.file.path))
    return (
      <div className="media-say">
        <span>Molecules of this format are not drawn</span>
        <Download item={item} />
      </div>
    );
  const Content = DRAWN[item.kind];
  if (Content) return <Drawn {...props} content={Content} />;
  return <Download item={item} />;
}

/** What is drawn by code: only while it is in view, and each file anew, so that none has the fault of another. */
function Drawn({
  content: Content,
  ...props
}: ContentProps & { readonly content: ComponentType<ContentProps> }) {
  const ref = useRef<HTMLDivElement>(null);
  const isInView = useInView(ref) || props.isLarge;
  return (
    <div className="media-fill" ref={ref}>
      {isInView && (
        <Suspense>
          <Content key={props.item.file.url} {...props} />
        </Suspense>
      )}
    </div>
  );
}
