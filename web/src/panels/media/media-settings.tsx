/**
 * The settings of a media panel.
 */

import { Slider } from "@/ui/controls/slider";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { optionRows } from "../settings/option-rows";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { MEDIA_OPTIONS, mediaOptions, SIZES } from "./options";

const SIZE_STEP = 16;

export default function MediaSettings(props: PanelSettingsProps) {
  const { panel, onPanel } = props;
  const row = optionRows(MEDIA_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      <SettingRow label="Least width" isOwn={null}>
        <Slider
          label="Least width"
          min={SIZES[0]}
          max={SIZES[1]}
          step={SIZE_STEP}
          value={mediaOptions(panel).size}
          format={(size) => `${size} px`}
          onChange={(size) => onPanel({ options: { ...panel.options, size } })}
        />
      </SettingRow>
      {row("nItems")}
      {row("isInStep")}
    </SettingsSection>
  );
}
