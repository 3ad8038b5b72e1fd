import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingsSection } from "../settings/settings-fields";
import { COMPARER_OPTIONS } from "./options";

export default function ComparerSettings(props: PanelSettingsProps) {
  const row = optionRows(COMPARER_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      {row("against")}
      {row("hidesEqual")}
    </SettingsSection>
  );
}
