/**
 * The settings of a histogram panel.
 */

import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { ChoiceRow, SettingsSection, settingsLevel } from "../settings/settings-fields";
import { HISTOGRAM_OPTIONS } from "./options";

export default function HistogramSettings(props: PanelSettingsProps) {
  const at = settingsLevel(props);
  const row = optionRows(HISTOGRAM_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      <ChoiceRow
        {...at.row("axis")}
        label="X axis"
        value={at.value.axis}
        options={[
          { value: "defined", label: "Defined" },
          { value: "step", label: "Step" },
          { value: "time", label: "Process" },
          { value: "time_wall", label: "Relative" },
        ]}
        onChange={(axis) => at.set({ axis })}
      />
      {row("look")}
      {row("nBins")}
    </SettingsSection>
  );
}
