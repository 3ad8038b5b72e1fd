import { MetricRow } from "../over-runs/metric-row";
import { OBJECT_AXIS_CHOICES, objectAxisChoice } from "../over-runs/object-axis";
import type { PanelSettingsProps } from "../panel-props";
import { AxisRows } from "../settings/axis-rows";
import { optionRows } from "../settings/option-rows";
import { SettingsSection, settingsLevel } from "../settings/settings-fields";
import { HISTOGRAM_OPTIONS } from "./options";

export default function HistogramSettings(props: PanelSettingsProps) {
  const at = settingsLevel(props);
  const row = optionRows(HISTOGRAM_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      <AxisRows
        project={props.project}
        at={at}
        label="X axis"
        value={objectAxisChoice(at.value)}
        choices={OBJECT_AXIS_CHOICES}
      />
      {row("look")}
      {row("nBins")}
    </SettingsSection>
  );
}
