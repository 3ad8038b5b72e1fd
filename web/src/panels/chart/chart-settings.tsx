import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { ChoiceRow, SettingsSection } from "../settings/settings-fields";
import { CHART_OPTIONS, chartOptions } from "./options";

export default function ChartSettings(props: PanelSettingsProps) {
  const { panel, onPanel } = props;
  const row = optionRows(CHART_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      <ChoiceRow
        label="Show"
        value={chartOptions(panel).isTable ? "table" : "chart"}
        options={[
          { value: "chart", label: "Chart" },
          { value: "table", label: "Its table" },
        ]}
        onChange={(show) => onPanel({ options: { ...panel.options, isTable: show === "table" } })}
      />
      {row("lineColors")}
      {row("isInStep")}
    </SettingsSection>
  );
}
