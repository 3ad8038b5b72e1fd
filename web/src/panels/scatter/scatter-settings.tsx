/**
 * The settings of a scatter panel.
 */

import { Switch } from "@/ui/controls/switch";
import { ColumnField } from "../over-runs/column-field";
import { ScaleRow, ScopeRow } from "../over-runs/option-rows";
import type { PanelSettingsProps } from "../panel-props";
import { SettingRow, SettingsSection } from "../settings/settings-fields";
import { type ScatterOptions, scatterOptions } from "./options";
import { useScatterColumns } from "./scatter-panel";

export function ScatterSettings(props: PanelSettingsProps) {
  const { project, panel, onPanel } = props;
  const options = scatterOptions(panel);
  const columns = useScatterColumns(props, true);
  const set = (part: Partial<ScatterOptions>) => onPanel({ options: { ...panel.options, ...part } });
  return (
    <>
      <SettingsSection title="Data">
        <SettingRow label="X" isOwn={null}>
          <ColumnField project={project} label="X column" value={columns.x} onChange={(x) => set({ x })} />
        </SettingRow>
        <SettingRow label="Y" isOwn={null}>
          <ColumnField project={project} label="Y column" value={columns.y} onChange={(y) => set({ y })} />
        </SettingRow>
        <SettingRow label="Color" isOwn={null}>
          <ColumnField
            project={project}
            label="Color column"
            value={options.tint}
            placeholder="each run its own"
            onChange={(tint) => set({ tint })}
            onClear={() => set({ tint: null })}
          />
        </SettingRow>
        <ScopeRow
          value={options.scope}
          hasList={props.list !== undefined}
          onChange={(scope) => set({ scope })}
        />
      </SettingsSection>
      <SettingsSection title="Axes">
        <ScaleRow label="X scale" value={options.xScale} onChange={(xScale) => set({ xScale })} />
        <ScaleRow label="Y scale" value={options.yScale} onChange={(yScale) => set({ yScale })} />
        <SettingRow label="Regression" isOwn={null}>
          <Switch
            label="A straight line by least squares, as the axes show it"
            isOn={options.hasFit}
            hasLabel
            onChange={(hasFit) => set({ hasFit })}
          />
        </SettingRow>
      </SettingsSection>
    </>
  );
}
