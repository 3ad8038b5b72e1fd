/** A figure of Plotly as its file has it, in the look of the app. Pure. */

export interface Figure {
  readonly data: readonly Fields[];
  readonly layout: Fields;
}

export interface FigureLook {
  readonly text: string;
  readonly grid: string;
  readonly axis: string;
  readonly font: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A part of Plotly's traces; each is a script, and the core that all need is another. */
export type TracePart = "cartesian" | "gl3d" | "others";

/** Types of traces by part. Those on maps are missing, as they need the internet. */
const TRACES: Readonly<Record<TracePart, readonly string[]>> = {
  cartesian: [
    "bar",
    "box",
    "contour",
    "heatmap",
    "histogram",
    "histogram2d",
    "histogram2dcontour",
    "image",
    "pie",
    "scatterternary",
    "violin",
  ],
  gl3d: ["cone", "isosurface", "mesh3d", "scatter3d", "streamtube", "surface", "volume"],
  others: [
    "barpolar",
    "candlestick",
    "carpet",
    "contourcarpet",
    "funnel",
    "funnelarea",
    "icicle",
    "indicator",
    "ohlc",
    "parcats",
    "parcoords",
    "quiver",
    "sankey",
    "scattercarpet",
    "scatterpolar",
    "scatterpolargl",
    "scattersmith",
    "splom",
    "sunburst",
    "table",
    "treemap",
    "waterfall",
  ],
};
const PARTS = Object.keys(TRACES) as readonly TracePart[];
/** The trace of the core. */
const CORE_TRACE = "scatter";
/** These are the same traces, drawn by WebGL. */
const SAME: Readonly<Record<string, string>> = { scattergl: CORE_TRACE, heatmapgl: "heatmap" };

const SMALL_FONT = 10;
const FONT = 12;
const SMALL_MARGIN = { l: 40, r: 10, t: 10, b: 30 };
const MARGIN = { l: 60, r: 24, t: 24, b: 48 };
const TITLE_PX = 24;

/** Reads a file's JSON; null: it has no traces. */
export function readFigure(document: unknown): Figure | null {
  const { data, layout } = fieldsOf(document);
  if (!Array.isArray(data)) return null;
  const traces = data.map(fieldsOf).map((trace) => ({ ...trace, type: typeOf(trace) }));
  return { data: traces, layout: fieldsOf(layout) };
}

/** The parts of Plotly that its traces are in. */
export function partsOf({ data }: Figure): readonly TracePart[] {
  return PARTS.filter((part) => data.some((trace) => TRACES[part].includes(typeOf(trace))));
}

/** Which of its traces can't be drawn, in words; null: all can. */
export function figureFault({ data }: Figure): string | null {
  const unknown = [...new Set(data.map(typeOf))].filter(
    (type) => type !== CORE_TRACE && !PARTS.some((part) => TRACES[part].includes(type)),
  );
  return unknown.length > 0 ? `Traces of type ${unknown.join(", ")} can't be drawn here` : null;
}

/** Its layout in the colours of the theme, where it says no others itself; it fills its element. */
export function lookOf({ layout }: Figure, look: FigureLook, isLarge: boolean): Fields {
  const template = fieldsOf(layout.template);
  const general = fieldsOf(template.layout);
  const axis = { gridcolor: look.grid, linecolor: look.axis, zerolinecolor: look.axis, automargin: true };
  const { width: _width, height: _height, ...rest } = layout;
  const hasTitle = layout.title !== undefined;
  const margin = isLarge ? MARGIN : SMALL_MARGIN;
  return {
    ...rest,
    autosize: true,
    margin: { ...margin, ...(hasTitle && { t: margin.t + TITLE_PX }) },
    template: {
      ...template,
      data: { ...fieldsOf(template.data), table: [tableLook(look)] },
      layout: {
        ...general,
        paper_bgcolor: "rgba(0,0,0,0)",
        plot_bgcolor: "rgba(0,0,0,0)",
        font: {
          ...fieldsOf(general.font),
          family: look.font,
          color: look.text,
          size: isLarge ? FONT : SMALL_FONT,
        },
        xaxis: { ...fieldsOf(general.xaxis), ...axis },
        yaxis: { ...fieldsOf(general.yaxis), ...axis },
        scene: sceneLook(fieldsOf(general.scene), look),
        polar: polarLook(fieldsOf(general.polar), look),
      },
    },
  };
}

/** Of axes in space; their walls are not painted. */
function sceneLook(scene: Fields, { grid, axis }: FigureLook): Fields {
  const look = { gridcolor: grid, linecolor: axis, zerolinecolor: axis, showbackground: false };
  const axes = ["xaxis", "yaxis", "zaxis"].map((name) => [name, { ...fieldsOf(scene[name]), ...look }]);
  return { ...scene, ...Object.fromEntries(axes) };
}

/** Of axes around a point. */
function polarLook(polar: Fields, { grid, axis }: FigureLook): Fields {
  const look = { gridcolor: grid, linecolor: axis };
  return {
    ...polar,
    bgcolor: "rgba(0,0,0,0)",
    radialaxis: { ...fieldsOf(polar.radialaxis), ...look },
    angularaxis: { ...fieldsOf(polar.angularaxis), ...look },
  };
}

/** Of a trace that is a table: Plotly's own cells are light in both themes. */
function tableLook({ grid }: FigureLook): Fields {
  const line = { color: grid };
  return {
    header: { fill: { color: grid }, line },
    cells: { fill: { color: "rgba(0,0,0,0)" }, line },
  };
}

function typeOf(trace: Fields): string {
  const type = typeof trace.type === "string" ? trace.type : CORE_TRACE;
  return SAME[type] ?? type;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
