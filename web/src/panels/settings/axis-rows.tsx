/** The rows that choose the x axis, and the metric whose values are on it. */

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

export function AxisRows({ project, at, label, value, choices }: AxisRowsProps) {
  const { axis, axisBy } = at.value;
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
            onChange={(key) => at.set({ axis, axisBy: key })}
          />
        </SettingRow>
      )}
    </>
  );
}
