/**
 * Groups of runs, with the same settings as line panels have, for other panels that show groups.
 */

import { BAND_CHOICES, CENTER_CHOICES } from "@/data/view/setting-titles";
import type { Band } from "@/data/view/settings";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, SettingRow, SettingsSection, settingsLevel } from "../settings/settings-fields";
import { ColumnField } from "./column-field";

interface GroupRowsProps extends PanelSettingsProps {
  /** Boxes and violins show the distribution itself. */
  readonly hasWhiskers?: boolean;
}

export function GroupRows({ hasWhiskers = true, ...props }: GroupRowsProps) {
  const at = settingsLevel(props);
  const { value } = at;
  const by = value.groupBy ?? props.groupBy;
  return (
    <SettingsSection title="Groups">
      <SettingRow label="Group by" {...at.row("groupBy")}>
        <ColumnField
          project={props.project}
          label="Group by column"
          value={by[0] ?? null}
          placeholder="each run by itself"
          onChange={(column) => at.set({ groupBy: [column] })}
          onClear={() => at.set({ groupBy: [] })}
        />
      </SettingRow>
      <ChoiceRow
        {...at.row("center")}
        label="Aggregate"
        value={value.center}
        options={CENTER_CHOICES}
        onChange={(center) => at.set({ center })}
      />
      {hasWhiskers && (
        <ChoiceRow<Band>
          {...at.row("band")}
          label="Whisker"
          value={value.band}
          options={BAND_CHOICES}
          onChange={(band) => at.set({ band })}
        />
      )}
    </SettingsSection>
  );
}
