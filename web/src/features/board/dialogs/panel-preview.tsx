import { Suspense } from "react";
import type { Panel } from "@/data/view/panel";
import { settingsOf } from "@/data/view/view";
import { PANEL_KINDS } from "@/panels/registry";
import { EmptyState } from "@/ui/signs/empty-state";
import { useView } from "../../view/view-store";
import { usePanelSet } from "../board-set";

const nothing = () => {};

interface PanelPreviewProps {
  /** Null: there is nothing to show yet. */
  readonly panel: Panel | null;
  /** It shows what was typed before: more is being typed, or on its way. */
  readonly isOld?: boolean;
  /** Shown in its place: the reason why there is no such panel. */
  readonly fault?: string | null;
}

/** A panel as it would be on the board, without its actions. */
export function PanelPreview({ panel, isOld = false, fault = null }: PanelPreviewProps) {
  const { onMenu: _, ...set } = usePanelSet();
  const settings = useView((view) => (panel ? settingsOf(view, panel) : null));
  const isBehind = isOld && fault === null;
  const Kind = panel && PANEL_KINDS[panel.kind].Panel;
  return (
    <section className={`add-preview ${isBehind ? "old" : ""}`} aria-label="Preview" aria-busy={isBehind}>
      {fault !== null ? (
        <div className="panel">
          <EmptyState icon="warn" title="Not drawn">
            {fault}
          </EmptyState>
        </div>
      ) : panel && Kind && settings ? (
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
