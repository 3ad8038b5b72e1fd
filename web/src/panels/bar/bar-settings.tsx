/**
 * The settings of a bar panel.
 */

import { GroupRows } from "../over-runs/group-fields";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, SettingsSection, settingsLevel } from "../settings/settings-fields";
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
        <ChoiceRow
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
        <ChoiceRow
          label="Order"
          value={options.order}
          options={[
            { value: "list", label: "As listed" },
            { value: "falling", label: "Largest first" },
            { value: "rising", label: "Smallest first" },
          ]}
          onChange={(order) => set({ order })}
        />
        {isGrouped && (
          <ChoiceRow
            label="Groups as"
            value={options.look}
            options={[
              { value: "bar", label: "Bars" },
              { value: "box", label: "Boxes" },
              { value: "violin", label: "Violins" },
            ]}
            onChange={(look) => set({ look })}
          />
        )}
      </SettingsSection>
      <GroupRows {...props} hasWhiskers={!isGrouped || options.look === "bar"} />
    </>
  );
}
