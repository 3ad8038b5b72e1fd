/** Strokes that tell layers of one image apart: those with the truth are dashed. Pure. */

export type Stroke = "solid" | "dashed" | "dotted";

const TRUTH =
  /truth|(^|[^a-z])(gt|label(s|ed)?|target(s)?|actual|expected|annotation(s)?|reference)([^a-z]|$)/i;
const OTHER_STROKES: readonly Stroke[] = ["solid", "dotted"];
const STROKES: readonly Stroke[] = ["solid", "dashed", "dotted"];

/** Whether a layer's name says that it has what is true, and not what a model predicts. */
export function isTruth(name: string): boolean {
  return TRUTH.test(name);
}

/**
 * By name of a layer, in the order of the names. A layer that is alone is solid.
 *
 * @example layerStrokes(["ground_truth", "prediction"]) // ground_truth: dashed, prediction: solid
 */
export function layerStrokes(names: readonly string[]): ReadonlyMap<string, Stroke> {
  const others = names.filter((name) => !isTruth(name));
  const hasBoth = others.length > 0 && others.length < names.length;
  return new Map(
    names.map((name) => {
      if (!hasBoth) return [name, STROKES[names.indexOf(name) % STROKES.length]!];
      return [name, isTruth(name) ? "dashed" : OTHER_STROKES[others.indexOf(name) % OTHER_STROKES.length]!];
    }),
  );
}
