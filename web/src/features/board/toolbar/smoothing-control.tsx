/** The smoothing of all panels that set none: its kind and amount. */

import { FIRST_SETTINGS, type Smoothing } from "@/data/view/settings";
import { firstSmoothing, mostSmoothing, SMOOTHINGS } from "@/panels/line/settings/smoothing-words";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Icon } from "@/ui/signs/icons";
import { useSetView, useView } from "../../view/view-store";

const HINTS = {
  none: "",
  ema: "near points weigh more",
  gaussian: "over a part of what is seen",
  mean: "over a part of what is seen",
} as const;

export function SmoothingControl() {
  const { kind, amount } = useView(({ settings }) => settings.smoothing ?? FIRST_SETTINGS.smoothing);
  const hasRaw = useView(({ settings }) => settings.hasRaw ?? FIRST_SETTINGS.hasRaw);
  const setView = useSetView();
  const set = (smoothing: Smoothing, coalesce?: string) =>
    setView((view) => ({ settings: { ...view.settings, smoothing } }), { coalesce });
  const most = mostSmoothing(kind);
  const part = `${(Math.min(amount, most) / most) * 100}%`;
  return (
    <span className="smooth">
      <Menu
        width={312}
        target={
          <button
            type="button"
            className="btn q kind"
            aria-label={`Kind of smoothing: ${SMOOTHINGS.find((smoothing) => smoothing.value === kind)?.label}`}
          >
            <Icon name="sliders" isSmall className="icon-word" />
            <span className="word">Smoothing</span>
            <Icon name="down" isSmall className="caret" />
          </button>
        }
      >
        {SMOOTHINGS.map((smoothing) => (
          <RadioItem
            key={smoothing.value}
            label={smoothing.label}
            isOn={smoothing.value === kind}
            onChoose={() => {
              if (smoothing.value !== kind)
                set({ kind: smoothing.value, amount: firstSmoothing(smoothing.value) });
            }}
          >
            {smoothing.label} <span className="meta">{HINTS[smoothing.value]}</span>
          </RadioItem>
        ))}
        <MenuLine />
        <MenuItem
          staysOpen
          end={hasRaw && <Icon name="check" isSmall />}
          onChoose={() => setView((view) => ({ settings: { ...view.settings, hasRaw: !hasRaw } }))}
        >
          Raw curve behind it
        </MenuItem>
      </Menu>
      <input
        type="range"
        aria-label="Smoothing"
        min={0}
        max={most}
        step={0.01}
        value={amount}
        disabled={kind === "none"}
        style={{ "--p": part } as React.CSSProperties}
        onChange={(event) => set({ kind, amount: event.target.valueAsNumber }, "smoothing")}
      />
      <output>{kind === "none" ? "off" : amount.toFixed(2)}</output>
    </span>
  );
}
