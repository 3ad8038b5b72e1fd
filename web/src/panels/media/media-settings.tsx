import { Slider } from "@/ui/controls/slider";
import { MetricRow } from "../over-runs/metric-row";
import { OBJECT_AXIS_CHOICES, objectAxisChoice } from "../over-runs/object-axis";
import type { PanelSettingsProps } from "../panel-props";
import { AxisRows } from "../settings/axis-rows";
import { optionRows } from "../settings/option-rows";
import { SettingRow, SettingsSection, settingsLevel } from "../settings/settings-fields";
import { MEDIA_OPTIONS, mediaOptions, SIZES } from "./options";

const SIZE_STEP = 16;

export default function MediaSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const { layout, size } = mediaOptions(panel);
  const at = settingsLevel(props);
  const row = optionRows(MEDIA_OPTIONS, props);
  return (
    <SettingsSection title="Data">
      <MetricRow {...props} kind="object" />
      {row("layout")}
      <SettingRow label="Least width">
        <Slider
          label="Least width"
          min={SIZES[0]}
          max={SIZES[1]}
          step={SIZE_STEP}
          value={size}
          format={(px) => `${px} px`}
          onChange={(next) => onPanel({ options: { ...panel.options, size: next } })}
        />
      </SettingRow>
      {layout === "grid" ? (
        <AxisRows
          project={project}
          at={at}
          label="X axis"
          value={objectAxisChoice(at.value)}
          choices={OBJECT_AXIS_CHOICES}
        />
      ) : (
        <>
          {row("nItems")}
          {row("isInStep")}
        </>
      )}
    </SettingsSection>
  );
}
