/** Plotly's flat traces; `scatter` is of its core. */

import bar from "plotly.js/lib/bar";
import box from "plotly.js/lib/box";
import contour from "plotly.js/lib/contour";
import heatmap from "plotly.js/lib/heatmap";
import histogram from "plotly.js/lib/histogram";
import histogram2d from "plotly.js/lib/histogram2d";
import histogram2dcontour from "plotly.js/lib/histogram2dcontour";
import image from "plotly.js/lib/image";
import pie from "plotly.js/lib/pie";
import scatterternary from "plotly.js/lib/scatterternary";
import violin from "plotly.js/lib/violin";

export default [
  bar,
  box,
  contour,
  heatmap,
  histogram,
  histogram2d,
  histogram2dcontour,
  image,
  pie,
  scatterternary,
  violin,
];
