/** The rows that choose the x axis, and the metric whose values are on it. */

import { useEffect, useRef } from "react";
import type { ProjectRef } from "@/api/types";
import type { AxisKind } from "@/data/view/settings";
import { Select } from "@/ui/controls/select";
import { MetricField } from "../over-runs/metric-field";
import { SettingRow, type SettingsLevel } from "./settings-fields";

interface AxisRowsProps {
  readonly project: ProjectRef;
  readonly at: SettingsLevel;
  readonly label: string;
  readonly value: AxisKind;
  readonly choices: readonly { readonly value: AxisKind; readonly label: string }[];
}

/** Whether a field for `kind` is new, as its kind of axis was chosen just now: then the next key is meant for it. */
export function useIsNewKind(axis: AxisKind, kind: AxisKind): boolean {
  const before = useRef(axis);
  useEffect(() => {
    before.current = axis;
  }, [axis]);
  return axis === kind && before.current !== kind;
}

export function AxisRows({ project, at, label, value, choices }: AxisRowsProps) {
  const { axis, axisBy } = at.value;
  const isNewMetric = useIsNewKind(axis, "metric");
  return (
    <>
      <SettingRow label={label} {...at.row("axis", "axisBy")}>
        <Select
          label="X axis"
          isSmall
          value={value}
          options={choices}
          onChange={(next) => at.set({ axis: next, axisBy: next === axis ? axisBy : null })}
        />
      </SettingRow>
      {axis === "metric" && (
        <SettingRow label="Metric">
          <MetricField
            project={project}
            label="Metric of the x axis"
            kind="number"
            value={axisBy}
            placeholder="epoch, tokens, …"
            autoFocus={isNewMetric}
            onChange={(key) => at.set({ axis, axisBy: key })}
          />
        </SettingRow>
      )}
    </>
  );
}
