/**
 * The settings of a panel of latest values.
 */

import { matcherFor } from "@/data/text/text-match";
import { TextField } from "@/ui/fields/field";
import { MetricList } from "../over-runs/metric-list";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, SettingRow, SettingsSection } from "../settings/settings-fields";
import { type LatestOptions, latestOptions } from "./options";

export function LatestSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = latestOptions(panel);
  const set = (part: Partial<LatestOptions>) => onPanel({ options: { ...panel.options, ...part } });
  const isAll = panel.keys.length === 0 && panel.pattern === null;
  return (
    <SettingsSection title="Data" note={isAll ? "all metrics" : undefined}>
      <MetricList project={project} panel={panel} onPanel={onPanel} />
      <SettingRow label="Pattern" isOwn={null}>
        <TextField
          label="Pattern"
          isBare
          isMono
          value={panel.pattern ?? ""}
          placeholder="^val/"
          error={matcherFor(panel.pattern ?? "", true).error}
          onChange={(text) => onPanel({ pattern: text === "" ? null : text })}
        />
      </SettingRow>
      <ChoiceRow
        label="Rows"
        value={options.rows}
        options={[
          { value: "runs", label: "Runs" },
          { value: "metrics", label: "Metrics" },
        ]}
        onChange={(rows) => set({ rows })}
      />
    </SettingsSection>
  );
}
