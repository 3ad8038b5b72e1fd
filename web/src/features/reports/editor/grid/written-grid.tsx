/** A grid while it is written: its run sets with their controls, and its panels where they can be moved and set. */

import { useEffect, useRef, useState } from "react";
import { createPortal } from "react-dom";
import { drawsRuns, viewOfGrid } from "@/data/report/grid";
import { addRunSet, editPanels, type GridMembers } from "@/data/report/grid-edits";
import { readGrid } from "@/data/report/read";
import type { View } from "@/data/view/view";
import { Icon } from "@/ui/signs/icons";
import { PanelEntries } from "../../../board/sections/menus/panel-entries";
import { EDITED_WORKSPACE } from "../../../board/settings/edited";
import { OpenSettings } from "../../../board/settings/open-settings";
import type { ViewStore } from "../../../view/held-view";
import { ViewStoreProvider } from "../../../view/view-store";
import { GridBoard } from "../../grid/grid-board";
import { nameOf } from "../../grid/run-sets";
import { type SeenGridProps, useGridRuns, useLeadingRuns } from "../../grid/seen-grid";
import { useReport } from "../../report-context";
import { readMembers, writeMembers } from "../members";
import { openObject, useIsOpened } from "../objects/opened";
import { useSession } from "../session";
import { AddPanelDialog, addPanelTo } from "./add-panel-dialog";
import { useBoundView, type ViewBinding } from "./bound-view";
import { useOnlyEdited } from "./only-edited";
import { WrittenPanels } from "./written-panels";
import { WrittenRunSet } from "./written-run-set";
import "./written-grid.css";

const MODE = { isReadOnly: false, Entries: PanelEntries };

export function WrittenGrid({ id, grid, sets, project }: SeenGridProps) {
  const { page } = useReport();
  const { sync } = useSession();
  const [binding] = useState(() => panelsBinding(id));
  const store = useBoundView(id, binding);
  const area = useRef<HTMLDivElement>(null);
  const hasRuns = drawsRuns(grid);
  const shown = hasRuns ? sets.filter((set) => set.isShown) : [];
  const [lead = null] = shown;
  const { runs, isWaiting, onRuns } = useGridRuns(project, shown);
  useLeadingRuns(store, lead);
  useOnlyEdited(id, store);
  useOpening(id, grid.panels.length === 0, area);
  const change = (edit: (members: GridMembers) => GridMembers) =>
    writeMembers(sync.doc, "grid", id, edit(readMembers(sync.doc, "grid", id) ?? {}));
  return (
    <ViewStoreProvider store={store}>
      <div ref={area}>
        {hasRuns && (
          <ul className="run-sets written-sets" aria-label="Run sets">
            {sets.map((set, i) => (
              <WrittenRunSet
                key={set.id}
                gridId={id}
                set={set}
                name={nameOf(set, i, sets.length)}
                isOnly={sets.length === 1}
                onRuns={onRuns}
                onChange={change}
              />
            ))}
          </ul>
        )}
        <div className="grid-acts">
          <button type="button" className="btn sm" onClick={() => addPanelTo(id)}>
            <Icon name="plus" isSmall /> Panel
          </button>
          {hasRuns && (
            <button
              type="button"
              className="btn sm"
              onClick={() => change((members) => addRunSet(members, id, null))}
            >
              <Icon name="plus" isSmall /> Run set
            </button>
          )}
          <span className="grow" />
          <AllPanels store={store} />
        </div>
        <GridBoard id={id} grid={grid} set={lead} runs={runs} isWaiting={isWaiting} mode={MODE}>
          <WrittenPanels isWaiting={isWaiting} onAdd={() => addPanelTo(id)} />
          {page && createPortal(<OpenSettings />, page)}
          <AddPanelDialog id={id} />
        </GridBoard>
      </div>
    </ViewStoreProvider>
  );
}

/** Opens the settings that hold for all panels of the grid. */
function AllPanels({ store }: { store: ViewStore }) {
  return (
    <button
      type="button"
      className="btn q sm ico"
      aria-label="Settings of all panels of this grid"
      title="Settings of all panels of this grid"
      onClick={() =>
        store.set(({ edited }) => ({ edited: edited === EDITED_WORKSPACE ? null : EDITED_WORKSPACE }))
      }
    >
      <Icon name="gear" isSmall />
    </button>
  );
}

function panelsBinding(id: string): ViewBinding {
  return {
    read(members) {
      const { settings, panels, sections } = viewOfGrid(readGrid(members, id));
      return { settings, panels, sections };
    },
    edit: (members, before, after) => editPanels(members, id, before, after),
    settle: (view) => ({ full: there(view, view.full), edited: there(view, view.edited) }),
  };
}

/** Null: the panel was removed. */
function there({ panels }: View, id: string | null): string | null {
  return id === EDITED_WORKSPACE || (id !== null && Object.hasOwn(panels, id)) ? id : null;
}

/** A grid that is opened by keys or was just inserted: without panels it asks for one, otherwise its controls get the keys. */
function useOpening(id: string, isBare: boolean, area: React.RefObject<HTMLElement | null>): void {
  const isOpened = useIsOpened(id);
  useEffect(() => {
    if (!isOpened) return;
    openObject(null);
    if (isBare) addPanelTo(id);
    else area.current?.querySelector("button")?.focus();
  }, [id, isOpened, isBare, area]);
}
