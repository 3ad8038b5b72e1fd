/** A plot of Bokeh as its file has it, in the look of the app. Pure. */

export interface BokehPlot {
  readonly version: string;
  readonly roots: readonly unknown[];
}

export interface PlotLook {
  readonly text: string;
  readonly strongText: string;
  readonly grid: string;
  readonly axis: string;
  readonly background: string;
  readonly font: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** The oldest Bokeh whose documents BokehJS 3 reads. */
const OLDEST_MAJOR = 3;
/** Models that are one plot with its axes; others arrange several things. */
const PLOTS = new Set(["Plot", "Figure", "figure"]);

/** Reads a file's JSON; null: it is no document of Bokeh. */
export function readPlot(document: unknown): BokehPlot | null {
  const { roots, version } = fieldsOf(document);
  if (typeof version !== "string" || typeof roots !== "object" || roots === null) return null;
  // before Bokeh 3 the roots are one object, which only `plotFault` looks at
  return { ...fieldsOf(document), version, roots: Array.isArray(roots) ? roots : [roots] };
}

/** Why a plot can't be drawn, in words; null: it can. */
export function plotFault({ version, roots }: BokehPlot): string | null {
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    return `Plots of Bokeh ${version} can't be drawn here: they need Bokeh ${OLDEST_MAJOR} or newer`;
  return roots.length === 0 ? "The file has no plots" : null;
}

/** A plot in the colours of the theme, where it says no others itself; a single one fills its frame. */
export function plotInLook(plot: BokehPlot, look: PlotLook, isLarge: boolean): BokehPlot {
  const roots = plot.roots.map((root) => inLook(root, look, isLarge));
  const [first] = roots.map(fieldsOf);
  if (roots.length > 1 || !first || !PLOTS.has(String(first.name))) return { ...plot, roots };
  const attributes = { ...fieldsOf(first.attributes), sizing_mode: "stretch_both" };
  return { ...plot, roots: [{ ...first, attributes }] };
}

function inLook(part: unknown, look: PlotLook, isLarge: boolean): unknown {
  if (Array.isArray(part)) return part.map((inner) => inLook(inner, look, isLarge));
  if (typeof part !== "object" || part === null) return part;
  const fields = Object.fromEntries(
    Object.entries(part).map(([name, inner]) => [name, inLook(inner, look, isLarge)]),
  );
  if (fields.type !== "object" || typeof fields.name !== "string") return fields;
  const own = fieldsOf(fields.attributes);
  const hidden = PLOTS.has(fields.name) && !isLarge ? { toolbar_location: null } : {};
  return { ...fields, attributes: { ...defaultsOf(fields.name, look), ...own, ...hidden } };
}

/** What a model is given where it says nothing itself. Names: Bokeh's reference of models. */
function defaultsOf(name: string, look: PlotLook): Fields {
  if (PLOTS.has(name))
    return {
      background_fill_color: look.background,
      border_fill_color: look.background,
      outline_line_color: look.grid,
    };
  if (name.endsWith("Axis"))
    return {
      axis_label_text_color: look.text,
      axis_line_color: look.axis,
      major_label_text_color: look.text,
      major_tick_line_color: look.axis,
      minor_tick_line_color: look.axis,
    };
  if (name === "Grid") return { grid_line_color: look.grid };
  if (name === "Title") return { text_color: look.strongText };
  if (name === "Legend")
    return {
      background_fill_color: look.background,
      border_line_color: look.grid,
      label_text_color: look.text,
      title_text_color: look.text,
    };
  if (name === "ColorBar")
    return {
      background_fill_color: look.background,
      major_label_text_color: look.text,
      title_text_color: look.text,
    };
  return {};
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}
