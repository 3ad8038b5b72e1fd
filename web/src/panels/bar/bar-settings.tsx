/**
 * The settings of a bar panel.
 */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import { GroupRows } from "../over-runs/group-fields";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection, settingsLevel } from "../settings-fields";
import { type BarOptions, barOptions } from "./options";

export function BarSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const options = barOptions(panel);
  const isGrouped = (settingsLevel(props).value.groupBy ?? props.groupBy).length > 0;
  const set = (part: Partial<BarOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <>
      <SettingsSection title="Data">
        <MetricRow project={project} panel={panel} kind="number" onPanel={onPanel} />
        <SettingRow label="Value" isOwn={null}>
          <SegmentedControl
            label="Value"
            value={options.figure}
            options={[
              { value: "latest", label: "Latest" },
              { value: "max", label: "Max" },
              { value: "min", label: "Min" },
              { value: "mean", label: "Mean" },
            ]}
            onChange={(figure) => set({ figure })}
          />
        </SettingRow>
        <SettingRow label="Order" isOwn={null}>
          <SegmentedControl
            label="Order"
            value={options.order}
            options={[
              { value: "list", label: "As listed" },
              { value: "falling", label: "Largest first" },
              { value: "rising", label: "Smallest first" },
            ]}
            onChange={(order) => set({ order })}
          />
        </SettingRow>
        {isGrouped && (
          <SettingRow label="Groups as" isOwn={null}>
            <SegmentedControl
              label="Groups as"
              value={options.look}
              options={[
                { value: "bar", label: "Bars" },
                { value: "box", label: "Boxes" },
                { value: "violin", label: "Violins" },
              ]}
              onChange={(look) => set({ look })}
            />
          </SettingRow>
        )}
      </SettingsSection>
      <GroupRows {...props} hasWhiskers={!isGrouped || options.look === "bar"} />
    </>
  );
}
