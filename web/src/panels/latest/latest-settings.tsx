/**
 * The settings of a panel of latest values.
 */

import { matcherFor } from "@/data/text-match";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { TextField } from "@/ui/fields/field";
import { MetricField } from "../over-runs/metric-field";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings-fields";
import { type LatestOptions, latestOptions } from "./options";

export function LatestSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = latestOptions(panel);
  const set = (part: Partial<LatestOptions>) => onPanel({ options: { ...panel.options, ...part } });
  const isAll = panel.keys.length === 0 && panel.pattern === null;
  return (
    <SettingsSection title="Data" note={isAll ? "all metrics" : undefined}>
      {panel.keys.map((key) => (
        <div className="yr" key={key}>
          <span className="mono ell grow">{key}</span>
          <IconButton
            icon="x"
            label={`Remove ${key}`}
            isSmall
            onClick={() => onPanel({ keys: panel.keys.filter((other) => other !== key) })}
          />
        </div>
      ))}
      <div className="yr">
        <MetricField
          key={panel.keys.length}
          project={project}
          label="Add a metric"
          value={null}
          placeholder="Add a metric"
          onChange={(key) => onPanel({ keys: [...panel.keys.filter((other) => other !== key), key] })}
        />
      </div>
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
      <SettingRow label="Rows" isOwn={null}>
        <SegmentedControl
          label="Rows"
          value={options.rows}
          options={[
            { value: "runs", label: "Runs" },
            { value: "metrics", label: "Metrics" },
          ]}
          onChange={(rows) => set({ rows })}
        />
      </SettingRow>
    </SettingsSection>
  );
}
