import type { ProjectRef } from "@/api/types";
import { isRelative } from "@/charts/axis/x-axis";
import { AXIS_CHOICES } from "@/data/view/setting-titles";
import type { Ends, Scale } from "@/data/view/settings";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { NumberField } from "@/ui/fields/field";
import { AxisRows, useIsNewKind } from "../../settings/axis-rows";
import { SettingRow, type SettingsLevel, SettingsSection, SwitchRow } from "../../settings/settings-fields";
import { ExpressionField } from "../expression/expression-field";

const X_SCALES: readonly { readonly value: Scale; readonly label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];

export function AxisSection({ project, at }: { project: ProjectRef; at: SettingsLevel }) {
  const { axis, axisBy, xScale, xEnds, hasLongRuns } = at.value;
  const isTime = axis === "wall";
  const isNewExpression = useIsNewKind(axis, "expression");
  return (
    <SettingsSection title="X axis">
      <AxisRows project={project} at={at} label="Value" value={axis} choices={AXIS_CHOICES} />
      {axis === "expression" && (
        <SettingRow label="Expression">
          <ExpressionField
            project={project}
            label="Expression of the x axis"
            text={axisBy ?? ""}
            placeholder="_step * config.batch_size"
            autoFocus={isNewExpression}
            isAxis
            onText={(text) => at.set({ axis, axisBy: text || null })}
          />
        </SettingRow>
      )}
      <SettingRow label="Scale" {...at.row("xScale")}>
        <SegmentedControl
          label="X scale"
          value={xScale === "symlog" ? "linear" : xScale}
          options={X_SCALES}
          onChange={(next) => at.set({ xScale: next })}
        />
      </SettingRow>
      {!isTime && (
        <SettingRow label="Range" {...at.row("xEnds")}>
          <EndsFields label="x" ends={xEnds} onEnds={(next) => at.set({ xEnds: next })} />
          {isRelative(axis) && <span className="muted">s</span>}
        </SettingRow>
      )}
      <SwitchRow {...at.control("hasSharedX")} label="Section" text="share one x range" />
      <SwitchRow
        {...at.row("hasLongRuns")}
        label="End"
        text="where most runs end"
        value={!hasLongRuns}
        onChange={(next) => at.set({ hasLongRuns: !next })}
      />
    </SettingsSection>
  );
}

/** Two ends, each a number or left to the data. */
export function EndsFields(props: {
  label: string;
  ends: Ends;
  isNarrow?: boolean;
  onEnds(ends: Ends): void;
}) {
  const { label, ends, isNarrow, onEnds } = props;
  const look = isNarrow ? "num md" : "num";
  return (
    <>
      <span className={look}>
        <NumberField
          label={`Lowest ${label}`}
          value={ends[0]}
          placeholder="auto"
          isBare
          onChange={(value) => onEnds([value, ends[1]])}
        />
      </span>
      <span className="muted">to</span>
      <span className={look}>
        <NumberField
          label={`Highest ${label}`}
          value={ends[1]}
          placeholder="auto"
          isBare
          onChange={(value) => onEnds([ends[0], value])}
        />
      </span>
    </>
  );
}
