/**
 * The settings of a table panel.
 */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { InStepRow, SettingRow, SettingsSection } from "../settings/settings-fields";
import { MOST_TABLES, tableOptions } from "./options";

const N_TABLES = Array.from({ length: MOST_TABLES }, (_, i) => ({ value: `${i + 1}`, label: `${i + 1}` }));

export function TableSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const { isInStep, nTables } = tableOptions(panel);
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="object" onPanel={onPanel} />
      <SettingRow label="Side by side" isOwn={null}>
        <SegmentedControl
          label="Tables side by side"
          value={String(nTables)}
          options={N_TABLES}
          onChange={(n) => onPanel({ options: { ...panel.options, nTables: Number(n) } })}
        />
      </SettingRow>
      <InStepRow
        isOn={isInStep}
        onChange={(isOn) => onPanel({ options: { ...panel.options, isInStep: isOn } })}
      />
    </SettingsSection>
  );
}
