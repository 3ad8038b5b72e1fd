/**
 * The settings of a media panel.
 */

import { Slider } from "@/ui/controls/slider";
import { NumberField } from "@/ui/fields/field";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { InStepRow, SettingRow, SettingsSection } from "../settings/settings-fields";
import { type MediaOptions, mediaOptions, SIZES } from "./options";

const SIZE_STEP = 16;

export function MediaSettings({ project, panel, onPanel }: PanelSettingsProps) {
  const options = mediaOptions(panel);
  const set = (part: Partial<MediaOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="object" onPanel={onPanel} />
      <SettingRow label="Least width" isOwn={null}>
        <Slider
          label="Least width"
          min={SIZES[0]}
          max={SIZES[1]}
          step={SIZE_STEP}
          value={options.size}
          format={(size) => `${size} px`}
          onChange={(size) => set({ size })}
        />
      </SettingRow>
      <SettingRow label="Of each list" isOwn={null}>
        <span className="num">
          <NumberField
            label="Of each list"
            isBare
            isWhole
            min={1}
            max={1000}
            value={options.nItems}
            onChange={(nItems) => nItems !== null && set({ nItems })}
          />
        </span>
      </SettingRow>
      <InStepRow isOn={options.isInStep} onChange={(isInStep) => set({ isInStep })} />
    </SettingsSection>
  );
}
