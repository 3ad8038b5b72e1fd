/**
 * The settings of a scalar card.
 */

import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, SettingsSection } from "../settings/settings-fields";
import { type ScalarOptions, scalarOptions } from "./options";

export function ScalarSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = scalarOptions(panel);
  const set = (part: Partial<ScalarOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="number" onPanel={onPanel} />
      <ChoiceRow
        label="Of each run"
        value={options.figure}
        options={[
          { value: "auto", label: "Best" },
          { value: "latest", label: "Latest" },
          { value: "max", label: "Max" },
          { value: "min", label: "Min" },
          { value: "mean", label: "Mean" },
        ]}
        onChange={(figure) => set({ figure })}
      />
      <ChoiceRow
        label="Of the runs"
        value={options.pick}
        options={[
          { value: "auto", label: "By its goal" },
          { value: "highest", label: "Highest" },
          { value: "lowest", label: "Lowest" },
        ]}
        onChange={(pick) => set({ pick })}
      />
    </SettingsSection>
  );
}
