/**
 * The settings of line panels, at the level that the drawer shows: one panel, its section, or the workspace.
 */

import { useState } from "react";
import { autoMetricOf } from "@/data/view/panel";
import type { LegendPosition, Scale } from "@/data/view/settings";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Switch } from "@/ui/controls/switch";
import { TextField } from "@/ui/fields/field";
import type { PanelSettingsProps } from "../../panel-props";
import { optionRows } from "../../settings/option-rows";
import {
  ChoiceRow,
  SettingRow,
  type SettingsLevel,
  SettingsSection,
  SwitchRow,
  settingsLevel,
  WholeRow,
} from "../../settings/settings-fields";
import { LINE_OPTIONS } from "../options";
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
      {isPanel && autoMetricOf(panel.id) !== null && (
        <SettingsSection title="One value per run">
          {optionRows(LINE_OPTIONS, props)("single")}
        </SettingsSection>
      )}
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
  const { yEnds, hasOutliers } = at.value;
  return (
    <SettingsSection title="Y axis">
      <SettingRow label="Scale" {...at.row("yScale")}>
        <SegmentedControl label="Y scale" {...at.control("yScale")} options={SCALES} />
      </SettingRow>
      <SettingRow label="Range" {...at.row("yEnds", "hasOutliers")}>
        <EndsFields label="y" isNarrow ends={yEnds} onEnds={(next) => at.set({ yEnds: next })} />
        <Switch
          label="no outliers"
          isOn={!hasOutliers}
          isLabelVisible
          onChange={(next) => at.set({ hasOutliers: !next })}
        />
      </SettingRow>
      <SwitchRow {...at.control("hasSharedY")} label="Section" text="share one y range" />
    </SettingsSection>
  );
}

function LegendSection({ at }: { at: SettingsLevel }) {
  const { legendText } = at.value;
  return (
    <SettingsSection title="Legend and tooltip">
      <ChoiceRow {...at.control("legend")} label="Legend" options={LEGENDS} />
      <SettingRow label="Text" {...at.row("legendText")}>
        <LegendText key={legendText} text={legendText} onText={(next) => at.set({ legendText: next })} />
      </SettingRow>
      <WholeRow
        {...at.control("tipRows")}
        label="Tooltip"
        fieldLabel="Rows of the tooltip"
        min={1}
        max={MAX_TIP_ROWS}
        note="rows, nearest first"
      />
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
