/**
 * Plotly's rarer traces, without those on maps. `strict` ones make no functions of texts, which the policy of the page forbids.
 */

import barpolar from "plotly.js/lib/barpolar";
import candlestick from "plotly.js/lib/candlestick";
import carpet from "plotly.js/lib/carpet";
import contourcarpet from "plotly.js/lib/contourcarpet";
import funnel from "plotly.js/lib/funnel";
import funnelarea from "plotly.js/lib/funnelarea";
import icicle from "plotly.js/lib/icicle";
import indicator from "plotly.js/lib/indicator";
import ohlc from "plotly.js/lib/ohlc";
import parcats from "plotly.js/lib/parcats";
import quiver from "plotly.js/lib/quiver";
import sankey from "plotly.js/lib/sankey";
import scattercarpet from "plotly.js/lib/scattercarpet";
import scatterpolar from "plotly.js/lib/scatterpolar";
import scattersmith from "plotly.js/lib/scattersmith";
import sunburst from "plotly.js/lib/sunburst";
import table from "plotly.js/lib/table";
import treemap from "plotly.js/lib/treemap";
import waterfall from "plotly.js/lib/waterfall";
import parcoords from "plotly.js/src/traces/parcoords/strict";
import scatterpolargl from "plotly.js/src/traces/scatterpolargl/strict";
import splom from "plotly.js/src/traces/splom/strict";

export default [
  barpolar,
  candlestick,
  carpet,
  contourcarpet,
  funnel,
  funnelarea,
  icicle,
  indicator,
  ohlc,
  parcats,
  quiver,
  sankey,
  scattercarpet,
  scatterpolar,
  scattersmith,
  sunburst,
  table,
  treemap,
  waterfall,
  parcoords,
  scatterpolargl,
  splom,
];
