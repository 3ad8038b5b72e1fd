/**
 * The x axis of all panels that set none: steps, times, the one of `define_metric`, a metric or an expression.
 */

import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { AXIS_TITLES } from "@/data/view/setting-titles";
import { type AxisKind, FIRST_SETTINGS, hasAxisBy } from "@/data/view/settings";
import type { LongRuns } from "@/panels/line/curves/long-runs";
import { useLongRuns } from "@/panels/line/curves/noted-long-runs";
import { axisTextOf } from "@/panels/line/settings/axis-words";
import { Switch } from "@/ui/controls/switch";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { useSetView, useView } from "../../view/view-store";

const AxisChoice = lazy(() => import("@/panels/line/axis/axis-choice"));

/** The rule, for tooltips. */
const END_RULE = "Ends where nine in ten of the curves shown have ended; three curves or more";

export function AxisSelect({ project }: { project: ProjectRef }) {
  const { axis, axisBy } = useView(({ settings }) => ({
    axis: settings.axis ?? FIRST_SETTINGS.axis,
    axisBy: settings.axisBy ?? null,
  }));
  const hasLongRuns = useView(({ settings }) => settings.hasLongRuns ?? FIRST_SETTINGS.hasLongRuns);
  const longRuns = useLongRuns();
  const offer = hasLongRuns && longRuns;
  const setView = useSetView();
  const name = hasAxisBy(axis) ? axisTextOf({ axis, axisBy }) : AXIS_TITLES[axis].label;
  const choose = (next: AxisKind, metric: string | null = null) =>
    setView(({ settings: { axis: _a, axisBy: _m, ...others } }) => ({
      settings: next === FIRST_SETTINGS.axis ? others : { ...others, axis: next, axisBy: metric },
    }));
  return (
    <Popover
      label="X axis"
      width={304}
      target={
        <button
          type="button"
          className="btn axis"
          aria-label={`X axis ${name}${hasLongRuns ? "" : ", to the end of most runs"}`}
          title={offer ? `${longWords(offer)}: open to end the axis where most runs end` : undefined}
        >
          <span className="lbl">X axis</span>{" "}
          <span className="val ell">{hasLongRuns ? name : `${name}, most runs`}</span>
          {offer && <i className="offer-dot" />}
          <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      {(close) => (
        <AxisChoice project={project} axis={axis} axisBy={axisBy} onChoose={choose} onClose={close}>
          <div className="axis-metric" title={END_RULE}>
            <Switch
              label="To the end of most runs"
              isLabelVisible
              isOn={!hasLongRuns}
              onChange={(isOn) =>
                setView(({ settings: { hasLongRuns: _, ...others } }) => ({
                  settings: isOn ? { ...others, hasLongRuns: false } : others,
                }))
              }
            />
            {offer && <span className="meta">{longWords(offer)}</span>}
          </div>
        </AxisChoice>
      )}
    </Popover>
  );
}

/** `1 curve is 10 times as long as the median`. */
function longWords({ n, times }: LongRuns): string {
  return `${formatNoun(n, "curve")} ${n === 1 ? "is" : "are up to"} ${Math.round(times)} times as long as the median`;
}
