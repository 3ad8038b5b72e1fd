import { GroupRows } from "../over-runs/group-fields";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingsSection, settingsLevel } from "../settings/settings-fields";
import { BAR_OPTIONS, barOptions } from "./options";

export default function BarSettings(props: PanelSettingsProps) {
  const row = optionRows(BAR_OPTIONS, props);
  const isGrouped = (settingsLevel(props).value.groupBy ?? props.groupBy).length > 0;
  return (
    <>
      <SettingsSection title="Data">
        <MetricRow {...props} kind="number" />
        {row("figure")}
        {row("order")}
        {isGrouped && row("look")}
      </SettingsSection>
      <GroupRows {...props} hasWhiskers={!isGrouped || barOptions(props.panel).look === "bar"} />
    </>
  );
}
