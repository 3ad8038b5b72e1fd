/** The legend of a density: how many curves there are, and how many the darkest place has. */

import { OTHER_RUNS } from "@/data/runs/shown-runs";
import { formatCount, formatNoun, formatValue } from "@/data/text/format";

/** In a narrower legend the unit is only in the tooltip, px. */
const UNIT_PX = 280;

interface DensityLegendProps {
  /** The most curves in a px of the plot. */
  readonly most: number;
  readonly nCurves: number;
  readonly nRuns: number;
  /** Runs that are shown: those that are more than `nRuns` are not drawn. */
  readonly nShown: number;
  /** Of the panel, px. */
  readonly width: number;
}

const MEANING =
  "The darker, the more curves in a pixel: each counts once in every column, shared by the places that it covers there. " +
  "The thin edge is the envelope: the lowest and the highest point of all. The curve under the pointer, those of " +
  "selected runs and the baseline are drawn on top. Smoothing moves the curves and not the envelope.";

export default function DensityLegend({ most, nCurves, nRuns, nShown, width }: DensityLegendProps) {
  const curves = most < 10 ? formatValue(Number(most.toPrecision(2))) : formatCount(Math.round(most));
  const cut = nShown > nRuns ? `${formatCount(nRuns)} of ${formatNoun(nShown, "run")}` : "";
  const density = `Density of ${formatNoun(nCurves, "curve")}`;
  const isWide = width >= UNIT_PX;
  return (
    <div
      className="legend density"
      title={cut ? `The first ${cut} shown, in the order of the list. ${OTHER_RUNS} ${MEANING}` : MEANING}
    >
      <span>{cut && isWide ? `${density}, ${cut}` : cut || density}</span>
      <span className="key">
        0<i aria-hidden="true" />
        {curves}
        {isWide && !cut && " in a pixel"}
      </span>
    </div>
  );
}
