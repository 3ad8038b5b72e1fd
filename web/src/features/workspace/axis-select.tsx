/**
 * What x is in all panels that say nothing else: steps, times, what `define_metric` says, or a metric.
 */

import { type KeyboardEvent, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import { type AxisKind, FIRST_SETTINGS } from "@/data/view/settings";
import { MetricField } from "@/panels/over-runs/metric-field";
import { Icon } from "@/ui/icons";
import { Popover } from "@/ui/popover";
import { useSetView, useView } from "../view/view-store";

const AXES: readonly { readonly axis: AxisKind; readonly label: string; readonly hint: string }[] = [
  { axis: "defined", label: "As defined", hint: "define_metric, else step" },
  { axis: "step", label: "Step", hint: "as logged" },
  { axis: "time", label: "Relative time (process)", hint: "without pauses" },
  { axis: "time_wall", label: "Relative time (wall)", hint: "with pauses" },
  { axis: "wall", label: "Wall time", hint: "date and hour" },
];

export function AxisSelect({ project }: { project: ProjectRef }) {
  const { axis, axisMetric } = useView(({ settings }) => ({
    axis: settings.axis ?? FIRST_SETTINGS.axis,
    axisMetric: settings.axisMetric ?? null,
  }));
  const setView = useSetView();
  const list = useRef<HTMLDivElement>(null);
  const name = axis === "metric" ? axisMetric : AXES.find((one) => one.axis === axis)?.label;
  const choose = (next: AxisKind, metric: string | null = null) =>
    setView(({ settings: { axis: _a, axisMetric: _m, ...others } }) => ({
      settings: next === FIRST_SETTINGS.axis ? others : { ...others, axis: next, axisMetric: metric },
    }));
  const onKey = (event: KeyboardEvent) => {
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
      width={272}
      target={
        <button type="button" className="btn axis" aria-label={`X axis ${name ?? "Metric"}`}>
          <span className="lbl">X axis</span> <span className="val ell">{name ?? "Metric"}</span>
          <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      {(close) => (
        <div className="axis-choice">
          <div ref={list} role="radiogroup" aria-label="X axis" onKeyDown={onKey}>
            {AXES.map((one) => (
              <button
                key={one.axis}
                type="button"
                role="radio"
                aria-checked={axis === one.axis}
                tabIndex={
                  axis === one.axis || (axis === "metric" && one.axis === FIRST_SETTINGS.axis) ? 0 : -1
                }
                className="option"
                onClick={() => {
                  choose(one.axis);
                  close();
                }}
              >
                {one.label}
                <span className="end">{axis === one.axis ? <Icon name="check" isSmall /> : one.hint}</span>
              </button>
            ))}
          </div>
          <div className="axis-metric">
            <span className="meta">Or a metric</span>
            <MetricField
              project={project}
              label="Metric of the x axis"
              placeholder="epoch, tokens"
              kind="number"
              value={axis === "metric" ? axisMetric : null}
              onChange={(metric) => {
                choose("metric", metric);
                close();
              }}
            />
          </div>
        </div>
      )}
    </Popover>
  );
}
