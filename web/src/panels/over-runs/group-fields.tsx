/** Groups of runs, with the same settings as line panels have, for other panels that show groups. */

import { CENTER_CHOICES, WHISKER_CHOICES } from "@/data/view/setting-titles";
import { whiskerOf } from "@/data/view/settings";
import type { PanelSettingsProps } from "../panel-props";
import { ColumnField } from "../settings/column-field";
import { ChoiceRow, SettingRow, SettingsSection, settingsLevel } from "../settings/settings-fields";

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
      <ChoiceRow {...at.control("center")} label="Aggregate" options={CENTER_CHOICES} />
      {hasWhiskers && (
        <ChoiceRow
          {...at.control("band")}
          value={whiskerOf(value.band)}
          label="Whisker"
          options={WHISKER_CHOICES}
        />
      )}
    </SettingsSection>
  );
}
