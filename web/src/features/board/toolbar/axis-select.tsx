/**
 * The x axis of all panels that set none: steps, times, the one of `define_metric`, a metric or an expression.
 */

import { type KeyboardEvent, lazy, Suspense, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { AXIS_TITLES, PLAIN_AXES } from "@/data/view/setting-titles";
import { type AxisKind, FIRST_SETTINGS, hasAxisBy } from "@/data/view/settings";
import type { LongRuns } from "@/panels/line/curves/long-runs";
import { useLongRuns } from "@/panels/line/curves/noted-long-runs";
import { axisTextOf } from "@/panels/line/settings/axis-words";
import { Switch } from "@/ui/controls/switch";
import { TEXT_FIELDS } from "@/ui/keys/page-keys";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { useSetView, useView } from "../../view/view-store";

const AxisFields = lazy(() => import("./axis-fields"));

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
  const area = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const name = hasAxisBy(axis) ? axisTextOf({ axis, axisBy }) : AXIS_TITLES[axis].label;
  const choose = (next: AxisKind, metric: string | null = null) =>
    setView(({ settings: { axis: _a, axisBy: _m, ...others } }) => ({
      settings: next === FIRST_SETTINGS.axis ? others : { ...others, axis: next, axisBy: metric },
    }));
  const onKey = (event: KeyboardEvent) => {
    const isLetter =
      event.key.length === 1 && event.key !== " " && !(event.ctrlKey || event.metaKey || event.altKey);
    const isInField = (event.target as HTMLElement).matches(TEXT_FIELDS);
    // the letter itself is typed where the focus is by then
    if (isLetter && !isInField) area.current?.querySelector<HTMLElement>(TEXT_FIELDS)?.focus();
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const rows = [...(list.current?.children ?? [])] as HTMLElement[];
    const at = rows.indexOf(event.target as HTMLElement);
    if (step === 0 || at < 0) return;
    event.preventDefault();
    rows[(at + step + rows.length) % rows.length]?.focus();
  };
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
        // biome-ignore lint/a11y/noStaticElementInteractions: what is typed anywhere in it goes into its field
        <div className="axis-choice" ref={area} onKeyDown={onKey}>
          <div ref={list} role="radiogroup" aria-label="X axis">
            {PLAIN_AXES.map((choice) => (
              <button
                key={choice}
                type="button"
                role="radio"
                aria-checked={axis === choice}
                tabIndex={axis === choice || (hasAxisBy(axis) && choice === FIRST_SETTINGS.axis) ? 0 : -1}
                className="option"
                onClick={() => {
                  choose(choice);
                  close();
                }}
              >
                {AXIS_TITLES[choice].label}
                <span className="end">
                  {axis === choice ? <Icon name="check" isSmall /> : AXIS_TITLES[choice].hint}
                </span>
              </button>
            ))}
          </div>
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
          <Suspense>
            <AxisFields project={project} axis={axis} axisBy={axisBy} onChoose={choose} onClose={close} />
          </Suspense>
        </div>
      )}
    </Popover>
  );
}

/** `1 curve is 10 times as long as the median`. */
function longWords({ n, times }: LongRuns): string {
  return `${formatNoun(n, "curve")} ${n === 1 ? "is" : "are up to"} ${Math.round(times)} times as long as the median`;
}
