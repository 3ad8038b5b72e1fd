/**
 * The line panel's own entries of its menu: scale, marks, export, another x axis, its settings for others.
 */

import type { Panel } from "@/data/view/panel";
import { AXIS_CHOICES } from "@/data/view/setting-titles";
import { type AxisKind, hasAxisBy } from "@/data/view/settings";
import { MenuItem, SubMenu } from "@/ui/overlays/menu";
import type { PanelProps } from "../panel-props";

/** `sheet`: CSV in which nothing is a formula for a spreadsheet. */
export type ExportKind = "png" | "svg" | "csv" | "sheet";

export interface LineMenuProps {
  readonly of: PanelProps;
  /** Null while the curves are not those of the panel's question. */
  readonly onExport: ((kind: ExportKind) => void) | null;
  /** The next click in the chart sets one. */
  onPlaceMark(kind: "threshold" | "annotation"): void;
}

export function LineMenu({ of, onExport, onPlaceMark: onPlace }: LineMenuProps) {
  const { panel, settings, onChange, onSpread, onDuplicate } = of;
  const isLog = settings.yScale === "log";
  const others = AXIS_CHOICES.filter(
    ({ value }) => value !== settings.axis && !hasAxisBy(value) && value !== "defined",
  );
  const hasOwn = Object.keys(panel.settings).some((key) => key !== "xEnds" && key !== "yEnds");
  return (
    <>
      <MenuItem
        icon={isLog ? "check" : "chart"}
        onChoose={() => {
          const { yScale: _, ...rest } = panel.settings;
          onChange(panel.id, { settings: isLog ? rest : { ...rest, yScale: "log" } });
        }}
      >
        Logarithmic y axis
      </MenuItem>
      {!of.isReadOnly && (
        <>
          <MenuItem icon="stats" onChoose={() => onPlace("threshold")}>
            Set a threshold
          </MenuItem>
          <MenuItem icon="flag" onChoose={() => onPlace("annotation")}>
            Annotate
          </MenuItem>
        </>
      )}
      <SubMenu icon="download" label="Export">
        <ExportEntries onExport={onExport} />
      </SubMenu>
      {onDuplicate && (
        <SubMenu icon="copy" label="Copy with another x axis">
          {others.map(({ value, label }) => (
            <MenuItem key={value} onChoose={() => onDuplicate(panel.id, withAxis(panel, value))}>
              {label}
            </MenuItem>
          ))}
        </SubMenu>
      )}
      {onSpread && hasOwn && (
        <SubMenu icon="layers" label="Use its settings for">
          <MenuItem onChoose={() => onSpread(panel.id, "section")}>All panels of {panel.section}</MenuItem>
          <MenuItem onChoose={() => onSpread(panel.id, "workspace")}>All panels</MenuItem>
        </SubMenu>
      )}
    </>
  );
}

const FILES = [
  { kind: "png", end: ".png", says: "Picture" },
  { kind: "svg", end: ".svg", says: "Drawing" },
  { kind: "csv", end: ".csv", says: "Values" },
  { kind: "sheet", end: ".csv", says: "For a spreadsheet" },
] as const;

export function ExportEntries({ onExport }: Pick<LineMenuProps, "onExport">) {
  return FILES.map(({ kind, end, says }) => (
    <MenuItem key={kind} icon="download" end={end} isDisabled={!onExport} onChoose={() => onExport?.(kind)}>
      {says}
    </MenuItem>
  ));
}

/** Fields of a copy over another x. */
function withAxis(panel: Panel, axis: AxisKind): Partial<Panel> {
  const { xEnds: _, ...settings } = panel.settings;
  return {
    // thresholds belong to y; positions on the old axis mean nothing on the new one
    marks: panel.marks.filter((mark) => mark.kind === "threshold"),
    settings: { ...settings, axis, axisBy: null },
  };
}
