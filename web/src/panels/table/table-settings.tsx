import { SegmentedControl } from "@/ui/controls/segmented-control";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { MOST_TABLES, TABLE_OPTIONS, tableOptions } from "./options";

const N_TABLES = Array.from({ length: MOST_TABLES }, (_, i) => ({ value: `${i + 1}`, label: `${i + 1}` }));

export default function TableSettings(props: PanelSettingsProps) {
  const { panel, onPanel } = props;
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      <SettingRow label="Side by side">
        <SegmentedControl
          label="Tables side by side"
          value={String(tableOptions(panel).nTables)}
          options={N_TABLES}
          onChange={(n) => onPanel({ options: { ...panel.options, nTables: Number(n) } })}
        />
      </SettingRow>
      {optionRows(TABLE_OPTIONS, props)("isInStep")}
    </SettingsSection>
  );
}
