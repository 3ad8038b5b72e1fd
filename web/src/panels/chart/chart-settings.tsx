/**
 * The settings of a panel of logged charts.
 */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Switch } from "@/ui/controls/switch";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings-fields";
import { type ChartOptions, chartOptions } from "./options";

export function ChartSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = chartOptions(panel);
  const set = (part: Partial<ChartOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="object" onPanel={onPanel} />
      <SettingRow label="Show" isOwn={null}>
        <SegmentedControl
          label="Show"
          value={options.isTable ? "table" : "chart"}
          options={[
            { value: "chart", label: "Chart" },
            { value: "table", label: "Its table" },
          ]}
          onChange={(show) => set({ isTable: show === "table" })}
        />
      </SettingRow>
      <SettingRow label="Line colors" isOwn={null}>
        <SegmentedControl
          label="Line colors"
          value={options.lineColors}
          options={[
            { value: "automatic", label: "Automatic" },
            { value: "run", label: "By run" },
            { value: "line", label: "By line" },
          ]}
          onChange={(lineColors) => set({ lineColors })}
        />
      </SettingRow>
      <SettingRow label="In step" isOwn={null}>
        <Switch
          label="Move together with other media panels that have this on"
          isOn={options.isInStep}
          onChange={(isInStep) => set({ isInStep })}
        />
      </SettingRow>
    </SettingsSection>
  );
}
