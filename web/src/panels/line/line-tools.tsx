/** The controls of a line panel in full screen, in its toolbar: axis, scale, smoothing, export. */

import { AXIS_TITLES } from "@/data/view/setting-titles";
import { hasAxisBy, type PanelSettings, type Scale } from "@/data/view/settings";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Slider } from "@/ui/controls/slider";
import { Menu } from "@/ui/overlays/menu";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import AxisChoice from "./axis/axis-choice";
import { ExportEntries, type LineMenuProps } from "./line-menu";
import { axisTextOf } from "./settings/axis-words";

const SCALES: readonly { readonly value: Scale; readonly label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];

export default function LineTools({ of, onExport }: Pick<LineMenuProps, "of" | "onExport">) {
  const { panel, project, settings, onChange } = of;
  const set = (part: Partial<PanelSettings>, name?: string) =>
    onChange(panel.id, { settings: { ...panel.settings, ...part } }, name);
  const { smoothing, axis, axisBy, yScale } = settings;
  const axisText = hasAxisBy(axis) ? axisTextOf(settings) : AXIS_TITLES[axis].label;
  return (
    <>
      <Popover
        label="X axis"
        width={304}
        target={
          <button type="button" className="btn select" aria-label={`X axis ${axisText}`}>
            <span className="lbl">X axis </span>
            <span className="val ell">{axisText}</span>
            <Icon name="down" isSmall className="caret" />
          </button>
        }
      >
        {(close) => (
          <AxisChoice
            project={project}
            axis={axis}
            axisBy={axisBy}
            onChoose={(next, by = null) => set({ axis: next, axisBy: by })}
            onClose={close}
          />
        )}
      </Popover>
      <SegmentedControl
        label="Y scale"
        value={yScale === "symlog" ? "log" : yScale}
        options={SCALES}
        onChange={(next) => set({ yScale: next })}
      />
      <span className="row smooth">
        <span className="muted">Smoothing</span>
        <Slider
          label="Smoothing"
          value={smoothing.kind === "none" ? 0 : smoothing.amount}
          min={0}
          max={smoothing.kind === "gaussian" || smoothing.kind === "mean" ? 0.5 : 0.99}
          step={0.01}
          width={84}
          format={(value) => value.toFixed(2)}
          onChange={(amount) =>
            set(
              { smoothing: { kind: smoothing.kind === "none" ? "ema" : smoothing.kind, amount } },
              "smoothing",
            )
          }
        />
      </span>
      <span className="vr" />
      <Menu
        position="bottom-end"
        target={
          <button type="button" className="btn" aria-label="Export">
            <Icon name="download" isSmall />
            <span className="long">Export</span>
            <Icon name="down" isSmall className="caret" />
          </button>
        }
      >
        <ExportEntries onExport={onExport} />
      </Menu>
    </>
  );
}
