/**
 * The legend of a density: how many curves there are, and how many the darkest place has.
 */

import { formatCount, formatNoun, formatValue } from "@/data/text/format";

interface DensityLegendProps {
  /** The most curves in a px of the plot. */
  readonly most: number;
  readonly nCurves: number;
}

const MEANING =
  "The darker, the more curves: each counts once in every column, shared by the places that it covers there. " +
  "The thin edge is the envelope: the lowest and the highest point of all. The curve under the pointer, those of " +
  "selected runs and the baseline are drawn on top. Smoothing moves the curves and not the envelope.";

export function DensityLegend({ most, nCurves }: DensityLegendProps) {
  const curves = most < 10 ? formatValue(Number(most.toPrecision(2))) : formatCount(Math.round(most));
  return (
    <div className="legend density" title={MEANING}>
      <span>Density of {formatNoun(nCurves, "curve")}</span>
      <span className="key">
        0<i aria-hidden="true" />
        {curves} in a pixel
      </span>
    </div>
  );
}
