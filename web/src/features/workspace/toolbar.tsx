/**
 * The workspace's toolbar: what panels are shown, along which x, how smooth.
 */

import { Menu } from "@mantine/core";
import { type Ref, useMemo } from "react";
import { matcherFor } from "@/data/text-match";
import { Icon } from "@/ui/icons";
import { RadioItem } from "@/ui/radio-item";
import { SearchField } from "@/ui/search-field";
import { SMOOTHING_MAX } from "./view";
import { useSetView, useView } from "./view-store";

const AXES = { step: "Step", time: "Relative time" } as const;

export function Toolbar({ searchRef }: { searchRef: Ref<HTMLInputElement> }) {
  const panelSearch = useView((view) => view.panelSearch);
  const isPanelRegex = useView((view) => view.isPanelRegex);
  const axis = useView((view) => view.axis);
  const smoothing = useView((view) => view.smoothing);
  const nZoomed = useView((view) => Object.keys(view.zoom).length);
  const setView = useSetView();
  const error = useMemo(() => matcherFor(panelSearch, isPanelRegex).error, [panelSearch, isPanelRegex]);
  return (
    <div className="toolbar" role="toolbar" aria-label="Workspace">
      <div className="psearch">
        <SearchField
          label="Search panels"
          width={200}
          inputRef={searchRef}
          value={panelSearch}
          isRegex={isPanelRegex}
          error={error}
          onChange={(text) => setView({ panelSearch: text })}
          onRegex={(isRegex) => setView({ isPanelRegex: isRegex })}
        />
      </div>
      <Menu>
        <Menu.Target>
          <button type="button" className="btn axis">
            <span className="lbl">X axis</span>
            <span className="val">{AXES[axis]}</span>
            <Icon name="down" isSmall />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {(["step", "time"] as const).map((name) => (
            <RadioItem
              key={name}
              label={AXES[name]}
              isOn={axis === name}
              // a zoomed range of steps is no range of time
              onChoose={() => setView({ axis: name, zoom: {} })}
            />
          ))}
        </Menu.Dropdown>
      </Menu>
      <label
        className="smooth"
        title="Time-weighted moving average; the raw curve or its band stays behind it"
      >
        Smoothing
        <input
          type="range"
          min={0}
          max={SMOOTHING_MAX}
          step={0.01}
          value={smoothing}
          style={{ "--p": `${(smoothing / SMOOTHING_MAX) * 100}%` } as React.CSSProperties}
          onChange={(event) => setView({ smoothing: Number(event.target.value) })}
        />
        <output>{smoothing.toFixed(2)}</output>
      </label>
      <span className="grow" />
      {nZoomed > 0 && (
        <button type="button" className="btn q" onClick={() => setView({ zoom: {} })}>
          Reset zoom
        </button>
      )}
    </div>
  );
}
