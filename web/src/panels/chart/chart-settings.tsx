/**
 * The settings of a panel of logged charts.
 */

import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, InStepRow, SettingsSection } from "../settings/settings-fields";
import { type ChartOptions, chartOptions } from "./options";

export function ChartSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = chartOptions(panel);
  const set = (part: Partial<ChartOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="object" onPanel={onPanel} />
      <ChoiceRow
        label="Show"
        value={options.isTable ? "table" : "chart"}
        options={[
          { value: "chart", label: "Chart" },
          { value: "table", label: "Its table" },
        ]}
        onChange={(show) => set({ isTable: show === "table" })}
      />
      <ChoiceRow
        label="Line colors"
        value={options.lineColors}
        options={[
          { value: "automatic", label: "Automatic" },
          { value: "run", label: "By run" },
          { value: "line", label: "By line" },
        ]}
        onChange={(lineColors) => set({ lineColors })}
      />
      <InStepRow isOn={options.isInStep} onChange={(isInStep) => set({ isInStep })} />
    </SettingsSection>
  );
}
