/**
 * The settings of a run comparer.
 */

import { Switch } from "@/ui/controls/switch";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { AgainstControl } from "./against-control";
import { type ComparerOptions, comparerOptions } from "./options";

export function ComparerSettings({ panel, onPanel }: PanelSettingsProps) {
  const options = comparerOptions(panel);
  const set = (part: Partial<ComparerOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <SettingRow label="Compare" isOwn={null}>
        <AgainstControl value={options.against} onChange={(against) => set({ against })} />
      </SettingRow>
      <SettingRow label="Equal rows" isOwn={null}>
        <Switch
          label="Fold away what is equal in all runs"
          isOn={options.hidesEqual}
          hasLabel
          onChange={(hidesEqual) => set({ hidesEqual })}
        />
      </SettingRow>
    </SettingsSection>
  );
}
