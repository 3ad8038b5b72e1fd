/** The component of each kind that a media panel draws. Made by `make api-types`. */
import { lazy } from "react";
import image from "./kinds/image-content";
import video from "./kinds/video-content";
import html from "./kinds/html-content";

/** Loaded with the first object of their kind that is in view. */
export const LAZY_CONTENTS = {
  audio: lazy(() => import("./kinds/audio-content")),
  object3d: lazy(() => import("./kinds/object3d-content")),
  molecule: lazy(() => import("./kinds/molecule-content")),
  plotly: lazy(() => import("./kinds/plotly-content")),
  bokeh: lazy(() => import("./kinds/bokeh-content")),
  graph: lazy(() => import("./kinds/graph-content")),
};

export const EAGER_CONTENTS = { image, video, html };
