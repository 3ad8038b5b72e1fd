import { matcherFor } from "@/data/text/text-match";
import { TextField } from "@/ui/fields/field";
import { MetricList } from "../over-runs/metric-list";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { LATEST_OPTIONS } from "./options";

export default function LatestSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const isAll = panel.keys.length === 0 && panel.pattern === null;
  return (
    <SettingsSection title="Data" note={isAll ? "all metrics" : undefined}>
      <MetricList project={project} panel={panel} onPanel={onPanel} />
      <SettingRow label="Pattern">
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
      {optionRows(LATEST_OPTIONS, props)("rows")}
    </SettingsSection>
  );
}
