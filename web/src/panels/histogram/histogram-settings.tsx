/**
 * The settings of a histogram panel.
 */

import { NumberField } from "@/ui/fields/field";
import { MetricRow } from "../over-runs/metric-row";
import type { PanelSettingsProps } from "../panel-props";
import { ChoiceRow, SettingRow, SettingsSection, settingsLevel } from "../settings/settings-fields";
import { HISTOGRAM_LOOKS, type HistogramOptions, histogramOptions } from "./options";

export function HistogramSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const at = settingsLevel(props);
  const options = histogramOptions(panel);
  const set = (part: Partial<HistogramOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <SettingsSection title="Data">
      <MetricRow project={project} panel={panel} kind="object" onPanel={onPanel} />
      <ChoiceRow
        {...at.row("axis")}
        label="X axis"
        value={at.value.axis}
        options={[
          { value: "defined", label: "Defined" },
          { value: "step", label: "Step" },
          { value: "time", label: "Process" },
          { value: "time_wall", label: "Relative" },
        ]}
        onChange={(axis) => at.set({ axis })}
      />
      <ChoiceRow
        label="Drawn as"
        value={options.look}
        options={HISTOGRAM_LOOKS}
        onChange={(look) => set({ look })}
      />
      <SettingRow label="Bins" isOwn={null}>
        <span className="num">
          <NumberField
            label="Bins"
            isBare
            isWhole
            min={8}
            max={256}
            value={options.nBins}
            onChange={(nBins) => nBins !== null && set({ nBins })}
          />
        </span>
      </SettingRow>
    </SettingsSection>
  );
}
