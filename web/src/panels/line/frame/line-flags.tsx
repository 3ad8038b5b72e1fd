/**
 * The flags of a line panel: what its chart leaves out, each with a click that shows it.
 */

import { lazy, Suspense } from "react";
import type { Curve } from "@/charts/line/curve";
import { isAllPoints } from "@/charts/line/line-build";
import { formatCount, formatNoun } from "@/data/text/format";
import { BAND_TITLES } from "@/data/view/setting-titles";
import { Icon } from "@/ui/signs/icons";
import type { PanelProps } from "../../panel-props";
import type { LineData } from "../curves/use-line-data";
import { seriesWithoutX } from "../curves/without-x";
import type { Stragglers } from "../stragglers";

const StragglerFlag = lazy(() => import("./straggler-flag"));
const OtherAxisFlag = lazy(() => import("./other-axis-flag"));
const ReasonFlag = lazy(() => import("./reason-flag"));
const WithoutXFlag = lazy(() => import("./without-x-flag"));

interface FlagsProps {
  readonly of: PanelProps;
  readonly data: LineData;
  readonly straggler: Stragglers["straggler"];
  readonly hasFadedBands: boolean;
  /** Curves that are not drawn as they have another x axis. */
  readonly nAway: number;
}

export function LineFlags({ of, data, straggler, hasFadedBands, nAway }: FlagsProps) {
  const { panel, settings, zoom, onZoom, onFull, onChange } = of;
  const withoutX = seriesWithoutX(data.missing, settings.axis, panel.keys);
  const band = isAllPoints(data.curves, settings) ? "minmax" : "stderr";
  return (
    <>
      {straggler && (
        <Suspense>
          <StragglerFlag {...straggler} onClick={() => onFull(panel.id)} />
        </Suspense>
      )}
      {nAway > 0 && (
        <Suspense>
          <OtherAxisFlag of={of} data={data} />
        </Suspense>
      )}
      {withoutX.length > 0 && (
        <Suspense>
          <WithoutXFlag missing={withoutX} />
        </Suspense>
      )}
      <NonfiniteFlag curves={data.curves} />
      {data.cut && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onZoom(panel.id, data.cut?.whole ?? null)}
          title="The x axis ends where most curves have ended. Click to see all"
        >
          {formatCount(data.cut.longer.size)} of {formatNoun(data.cut.nCurves, "curve")} cut off
        </button>
      )}
      {hasFadedBands && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onChange(panel.id, { settings: { ...panel.settings, band } })}
          title={`The bands (${BAND_TITLES[band]}) would hide the curves. Click to draw them`}
        >
          bands hidden: they overlap
        </button>
      )}
      {data.wrong.size > 0 && (
        <Suspense>
          <ReasonFlag
            look="wrn"
            text={`${formatNoun(data.wrong.size, "expression")} left out`}
            label="Not drawn"
            reasons={[...data.wrong].map((faulty) => faulty.join(": "))}
          />
        </Suspense>
      )}
      {zoom && (
        <button
          type="button"
          className="flag neu"
          onClick={() => onZoom(panel.id, null)}
          title="Or double-click the chart"
        >
          zoomed <Icon name="x" isSmall />
        </button>
      )}
    </>
  );
}

function NonfiniteFlag({ curves }: { curves: readonly Curve[] }) {
  const nonfinite = curves.filter((curve) => curve.columns.nonfinite.length > 0);
  if (nonfinite.length === 0) return null;
  const hasNan = nonfinite.some((curve) => curve.columns.nan.some((n) => n > 0));
  const names = nonfinite.slice(0, 12).map((curve) => curve.name);
  return (
    <Suspense>
      <ReasonFlag
        look="dan"
        text={hasNan ? "NaN" : "Inf"}
        label={`Non-finite values in ${formatNoun(nonfinite.length, "curve")}`}
        reasons={[...new Set(names)]}
      />
    </Suspense>
  );
}
