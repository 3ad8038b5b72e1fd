/**
 * The colours of lines where a chart has several in each run, such as one for each class. Pure.
 *
 * Presets draw a line in the colour of its run and tell the lines of a run apart by dashes. That suits several
 * runs with few lines. Otherwise a line has a colour of its own, and dashes tell runs apart.
 */

import { COLOR_FIELD, isFields, RUN_FIELD, type Spec } from "./preset";

export type LineColors = "run" | "line";

/** More dashes are not told apart. */
const DASHES = [
  [1, 0],
  [5, 3],
  [2, 2],
  [8, 2, 2, 2],
  [12, 4],
];

/** Length of a line in the legend: less does not tell dashes apart. */
const SWATCH_PX = 24;

/** The field that tells the lines of a run apart; null: the specification has none. */
export function lineField({ encoding }: Spec): string | null {
  if (!isFields(encoding) || !isFields(encoding.strokeDash)) return null;
  const { field } = encoding.strokeDash;
  const isOfRuns = isFields(encoding.color) && encoding.color.field === COLOR_FIELD;
  return isOfRuns && typeof field === "string" && field !== RUN_FIELD ? field : null;
}

/**
 * @param nRuns that are drawn
 * @param nLines different values of `lineField`
 */
export function bestColors(nRuns: number, nLines: number): LineColors {
  if (nLines <= 1) return "run";
  if (nRuns === 1) return "line";
  return nLines > DASHES.length && nRuns <= DASHES.length ? "line" : "run";
}

/** The specification with its lines in such colours. Dashes are left out where there would be too many. */
export function withLineColors(spec: Spec, colors: LineColors, nRuns: number, nLines: number): Spec {
  const field = lineField(spec);
  if (field === null) return spec;
  const { strokeDash, color, ...others } = spec.encoding as Readonly<Record<string, Spec>>;
  // the legend is in the order of the rows
  const lines = { ...strokeDash, sort: null };
  const dashes = (n: number, definition: Spec) =>
    n > 1 && n <= DASHES.length
      ? { strokeDash: { ...definition, scale: { range: DASHES }, legend: { symbolSize: SWATCH_PX ** 2 } } }
      : {};
  if (colors === "run") {
    const detail = [{ field: RUN_FIELD }, { field }];
    return { ...spec, encoding: { ...others, color, detail, ...dashes(nLines, lines) } };
  }
  const runs = { field: RUN_FIELD, type: "nominal", title: "run", sort: null };
  return {
    ...spec,
    encoding: { ...others, color: lines, detail: [{ field: RUN_FIELD }], ...dashes(nRuns, runs) },
  };
}
