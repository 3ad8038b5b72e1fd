import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingsSection } from "../settings/settings-fields";
import { SCALAR_OPTIONS } from "./options";

export default function ScalarSettings(props: PanelSettingsProps) {
  const row = optionRows(SCALAR_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="number" />
      {row("figure")}
      {row("pick")}
    </SettingsSection>
  );
}
