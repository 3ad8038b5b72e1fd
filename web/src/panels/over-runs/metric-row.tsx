import type { PanelSettingsProps } from "../panel-props";
import { SettingRow } from "../settings/settings-fields";
import { MetricField } from "./metric-field";

interface MetricRowProps extends Pick<PanelSettingsProps, "project" | "panel" | "onPanel"> {
  readonly kind: "number" | "object";
}

export function MetricRow({ project, panel, kind, onPanel }: MetricRowProps) {
  const [shown = null, ...others] = panel.keys;
  return (
    <SettingRow label="Metric">
      <MetricField
        project={project}
        label="Metric"
        kind={kind}
        value={shown}
        onChange={(metric) => onPanel({ keys: [metric, ...others] })}
      />
    </SettingRow>
  );
}
