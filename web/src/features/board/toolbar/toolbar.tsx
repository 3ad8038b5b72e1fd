/** The workspace's toolbar: which panels are shown, along which x, how smooth; the view, and the way back. */

import { useParams } from "@tanstack/react-router";
import { memo, type Ref, useMemo } from "react";
import { matcherFor } from "@/data/text/text-match";
import { isZoomed } from "@/data/view/zoom";
import { useDrawnAxes } from "@/panels/plot/drawn-axis";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SearchField } from "@/ui/fields/search-field";
import { usePhone } from "@/ui/hooks/use-phone";
import { useSetView, useView, useViewHistory, useViewsProject } from "../../view/view-store";
import { ViewsMenu } from "../../view/views-menu";
import { openAddPanel } from "../dialogs/open-dialog";
import { EDITED_WORKSPACE } from "../settings/edited";
import { AxisSelect } from "./axis-select";
import { BandsSwitch } from "./bands-switch";
import { SmoothingControl } from "./smoothing-control";
import "./toolbar.css";

export const Toolbar = memo(function Toolbar({ searchRef }: { searchRef: Ref<HTMLInputElement> }) {
  const { entity = "", project = "" } = useParams({ strict: false });
  const panelSearch = useView((view) => view.panelSearch);
  const isPanelRegex = useView((view) => view.isPanelRegex);
  const views = useViewsProject();
  // next to the runs list's name there, where its own has room
  const isPhone = usePhone();
  const setView = useSetView();
  const error = useMemo(() => matcherFor(panelSearch, isPanelRegex).error, [panelSearch, isPanelRegex]);
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const drawn = useDrawnAxes(ref);
  const hasZoom = useView((view) => isZoomed(view, drawn.split("\n")));
  return (
    <div className="toolbar-room">
      <div className="toolbar" role="toolbar" aria-label="Workspace">
        <div className="psearch">
          <SearchField
            label="Search panels"
            inputRef={searchRef}
            value={panelSearch}
            isRegex={isPanelRegex}
            error={error}
            onChange={(text) => setView({ panelSearch: text })}
            onRegex={(isRegex) => setView({ isPanelRegex: isRegex })}
          />
        </div>
        <AxisSelect project={ref} />
        <SmoothingControl />
        <BandsSwitch />
        {hasZoom && (
          <Button
            look="quiet"
            icon="unzoom"
            className="unzoom"
            title="Reset zoom"
            onClick={() => setView({ zoom: {} })}
          >
            Reset zoom
          </Button>
        )}
        <span className="grow" />
        {views && !isPhone && (
          <>
            <ViewsMenu project={views} />
            <span className="vr" />
          </>
        )}
        <span className="row">
          <WayBack />
          <SettingsButton />
        </span>
        <Button
          look="ink"
          icon="plus"
          className="tb-add"
          aria-label="Add panel"
          onClick={() => openAddPanel(null)}
        >
          <span className="long">Add panel</span>
        </Button>
      </div>
    </div>
  );
});

function WayBack() {
  const { undo, redo, canUndo, canRedo } = useViewHistory();
  return (
    <>
      <IconButton icon="undo" label="Undo (Ctrl Z)" disabled={!canUndo} onClick={undo} />
      <IconButton icon="redo" label="Redo (Ctrl Shift Z)" disabled={!canRedo} onClick={redo} />
    </>
  );
}

/** Opens the settings of all panels next to the panels, and closes them. */
function SettingsButton() {
  const isOpen = useView((view) => view.edited === EDITED_WORKSPACE);
  const setView = useSetView();
  return (
    <IconButton
      icon="gear"
      label="Workspace settings"
      isOn={isOpen}
      onClick={() => setView({ edited: isOpen ? null : EDITED_WORKSPACE })}
    />
  );
}
