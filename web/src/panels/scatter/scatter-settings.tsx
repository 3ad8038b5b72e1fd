import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingsSection } from "../settings/settings-fields";
import { SCATTER_OPTIONS } from "./options";
import { useScatterColumns } from "./scatter-panel";

export default function ScatterSettings(props: PanelSettingsProps) {
  const { x, y } = useScatterColumns(props, true);
  const row = optionRows(SCATTER_OPTIONS, props);
  return (
    <>
      <SettingsSection title="Data">
        {row("x", x)}
        {row("y", y)}
        {row("tint")}
        {props.list && row("scope")}
      </SettingsSection>
      <SettingsSection title="Axes">
        {row("xScale")}
        {row("yScale")}
        {row("hasFit")}
      </SettingsSection>
    </>
  );
}
