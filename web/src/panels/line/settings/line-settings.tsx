/**
 * The settings of line panels, at the level that the drawer shows: one panel, its section, or the workspace.
 */

import { useState } from "react";
import type { LegendPosition, Scale } from "@/data/view/settings";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Switch } from "@/ui/controls/switch";
import { NumberField, TextField } from "@/ui/fields/field";
import type { PanelSettingsProps } from "../../panel-props";
import {
  ChoiceRow,
  SettingRow,
  type SettingsLevel,
  SettingsSection,
  settingsLevel,
} from "../../settings/settings-fields";
import { AxisSection, EndsFields } from "./axis-section";
import { DataSection } from "./data-section";
import { LinesSection } from "./lines-section";
import { MarksSection } from "./marks-section";
import { StylesSection } from "./styles-section";

const SCALES: readonly { readonly value: Scale; readonly label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
  { value: "symlog", label: "Symlog" },
];
const LEGENDS: readonly { readonly value: LegendPosition; readonly label: string }[] = [
  { value: "above", label: "Above" },
  { value: "right", label: "Right" },
  { value: "off", label: "Off" },
];
const MAX_TIP_ROWS = 30;

export default function LineSettings(props: PanelSettingsProps) {
  const { project, panel, level, runs, groupBy, onPanel } = props;
  const at = settingsLevel(props);
  const isPanel = level === "panel";
  return (
    <>
      {isPanel && <DataSection key={panel.id} project={project} panel={panel} onPanel={onPanel} />}
      <AxisSection project={project} at={at} />
      <LinesSection project={project} at={at} listGroups={groupBy} />
      {isPanel && <StylesSection key={`styles ${panel.id}`} panel={panel.id} runs={runs} at={at} />}
      <YSection at={at} />
      <MarksSection panel={isPanel ? panel : null} runs={runs} at={at} onPanel={onPanel} />
      <LegendSection at={at} />
    </>
  );
}

function YSection({ at }: { at: SettingsLevel }) {
  const { yScale, yEnds, hasOutliers, hasSharedY } = at.value;
  return (
    <SettingsSection title="Y axis">
      <SettingRow label="Scale" {...at.row("yScale")}>
        <SegmentedControl
          label="Y scale"
          value={yScale}
          options={SCALES}
          onChange={(next) => at.set({ yScale: next })}
        />
      </SettingRow>
      <SettingRow label="Range" {...at.row("yEnds", "hasOutliers")}>
        <EndsFields label="y" isNarrow ends={yEnds} onEnds={(next) => at.set({ yEnds: next })} />
        <Switch
          label="no outliers"
          isOn={!hasOutliers}
          hasLabel
          onChange={(next) => at.set({ hasOutliers: !next })}
        />
      </SettingRow>
      <SettingRow label="Section" {...at.row("hasSharedY")}>
        <Switch
          label="share one y range"
          isOn={hasSharedY}
          hasLabel
          onChange={(next) => at.set({ hasSharedY: next })}
        />
      </SettingRow>
    </SettingsSection>
  );
}

function LegendSection({ at }: { at: SettingsLevel }) {
  const { legend, legendText, tipRows } = at.value;
  return (
    <SettingsSection title="Legend and tooltip">
      <ChoiceRow
        {...at.row("legend")}
        label="Legend"
        value={legend}
        options={LEGENDS}
        onChange={(next) => at.set({ legend: next })}
      />
      <SettingRow label="Text" {...at.row("legendText")}>
        <LegendText key={legendText} text={legendText} onText={(next) => at.set({ legendText: next })} />
      </SettingRow>
      <SettingRow label="Tooltip" {...at.row("tipRows")}>
        <span className="num sm">
          <NumberField
            label="Rows of the tooltip"
            value={tipRows}
            isBare
            isWhole
            min={1}
            max={MAX_TIP_ROWS}
            onChange={(next) => next !== null && at.set({ tipRows: next })}
          />
        </span>
        <span className="muted">rows, nearest first</span>
      </SettingRow>
    </SettingsSection>
  );
}

/** Taken with Enter or when the focus leaves: half a template names nothing. */
function LegendText({ text, onText }: { text: string | null; onText(text: string | null): void }) {
  const [draft, setDraft] = useState(text ?? "");
  const take = () => {
    const next = draft.trim() || null;
    if (next !== text) onText(next);
  };
  return (
    <span className="grow">
      <TextField
        label="Text of the legend"
        value={draft}
        isBare
        isMono
        placeholder="${run.name} lr ${config.lr}"
        maxLength={200}
        title="Names of columns in ${ }: run.name, config.…, group, count, key, part"
        onChange={setDraft}
        onBlur={take}
        onKeyDown={(event) => {
          if (event.key === "Enter") take();
        }}
      />
    </span>
  );
}
