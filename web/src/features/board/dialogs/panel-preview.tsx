import { Suspense } from "react";
import type { Panel } from "@/data/view/panel";
import { settingsOf } from "@/data/view/view";
import { PANEL_KINDS } from "@/panels/registry";
import { useView } from "../../view/view-store";
import { usePanelSet } from "../board-set";

const nothing = () => {};

/**
 * A panel as it would be on the board, without its actions.
 *
 * @param panel null: there is nothing to show yet
 */
export function PanelPreview({ panel }: { panel: Panel | null }) {
  const { onMenu: _, ...set } = usePanelSet();
  const settings = useView((view) => (panel ? settingsOf(view, panel) : null));
  const Kind = panel && PANEL_KINDS[panel.kind].Panel;
  return (
    <section className="add-preview" aria-label="Preview">
      {panel && Kind && settings ? (
        <Suspense fallback={<div className="panel" />}>
          <Kind
            // another kind has other states
            key={panel.kind}
            {...set}
            panel={panel}
            settings={settings}
            zoom={null}
            step={null}
            isFull={false}
            isFixed
            onZoom={nothing}
            onStep={nothing}
            onChange={nothing}
            onFull={nothing}
            onEdit={nothing}
          />
        </Suspense>
      ) : (
        <p className="muted">The panel appears here once it has a metric.</p>
      )}
    </section>
  );
}
