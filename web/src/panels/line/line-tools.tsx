/** The controls of a line panel in full screen, in its toolbar: axis, scale, smoothing, export. */

import { AXIS_CHOICES } from "@/data/view/setting-titles";
import { hasAxisBy, type PanelSettings, type Scale } from "@/data/view/settings";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Select } from "@/ui/controls/select";
import { Slider } from "@/ui/controls/slider";
import { Menu } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";
import { ExportEntries, type LineMenuProps } from "./line-menu";
import { axisTextOf } from "./settings/axis-words";

const SCALES: readonly { readonly value: Scale; readonly label: string }[] = [
  { value: "linear", label: "Linear" },
  { value: "log", label: "Log" },
];

export default function LineTools({ of, onExport }: Pick<LineMenuProps, "of" | "onExport">) {
  const { panel, settings, onChange } = of;
  const set = (part: Partial<PanelSettings>) =>
    onChange(panel.id, { settings: { ...panel.settings, ...part } });
  const { smoothing, axis, axisBy, yScale } = settings;
  // an axis by a metric or an expression is chosen in the settings, where that is
  const axes = AXIS_CHOICES.filter(({ value }) => !hasAxisBy(value) || (axis === value && axisBy));
  return (
    <>
      <Select
        label="X axis"
        isLabelVisible
        value={axis}
        options={axes.map((option) =>
          hasAxisBy(option.value) ? { ...option, label: axisTextOf(settings) } : option,
        )}
        onChange={(next) => set({ axis: next })}
      />
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
            set({ smoothing: { kind: smoothing.kind === "none" ? "ema" : smoothing.kind, amount } })
          }
        />
      </span>
      <span className="vr" />
      <Menu
        position="bottom-end"
        target={
          <button type="button" className="btn">
            <Icon name="download" isSmall />
            Export
            <Icon name="down" isSmall />
          </button>
        }
      >
        <ExportEntries onExport={onExport} />
      </Menu>
    </>
  );
}
