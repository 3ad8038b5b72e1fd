/**
 * The settings of a table panel.
 */

import { Switch } from "@/ui/controls/switch";
import { MetricField } from "../over-runs/metric-field";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings-fields";
import { tableOptions } from "./options";

export function TableSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const { isInStep } = tableOptions(panel);
  return (
    <SettingsSection title="Data">
      <SettingRow label="Metric" isOwn={null}>
        <MetricField
          project={project}
          label="Metric"
          kind="object"
          value={panel.keys[0] ?? null}
          onChange={(metric) => onPanel({ keys: [metric] })}
        />
      </SettingRow>
      <SettingRow label="In step" isOwn={null}>
        <Switch
          label="Move together with other media panels that have this on"
          isOn={isInStep}
          onChange={(isOn) => onPanel({ options: { ...panel.options, isInStep: isOn } })}
        />
      </SettingRow>
    </SettingsSection>
  );
}
