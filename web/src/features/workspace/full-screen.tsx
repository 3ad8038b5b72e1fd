/**
 * One panel over the whole workspace: arrows go to its neighbours, Escape goes back.
 */

import { useEffect } from "react";
import type { Section } from "@/data/sections";
import { IconButton } from "@/ui/icon-button";
import { type PanelSet, WorkspacePanel } from "./panel-sections";
import { useSetView, useView } from "./view-store";

export function FullScreen({ sections, ...set }: PanelSet & { sections: readonly Section[] }) {
  const metric = useView((view) => view.full);
  const setView = useSetView();
  const keys = sections.flatMap((section) => section.keys);
  const at = metric === null ? -1 : keys.indexOf(metric);
  const before = keys[at - 1];
  const after = keys[at + 1];
  useEffect(() => {
    if (metric === null) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement) return;
      if (event.key === "Escape") setView({ full: null });
      if (event.key === "ArrowLeft" && before) setView({ full: before });
      if (event.key === "ArrowRight" && after) setView({ full: after });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [metric, before, after, setView]);
  if (metric === null || at < 0) return null;
  return (
    <div className="full" role="dialog" aria-label={metric}>
      <WorkspacePanel key={metric} metric={metric} isFull {...set} />
      <div className="full-foot">
        <IconButton
          icon="left"
          label="Previous panel (←)"
          isSmall
          disabled={!before}
          onClick={() => setView({ full: before ?? null })}
        />
        <span className="meta tn">
          {at + 1} of {keys.length}
        </span>
        <IconButton
          icon="right"
          label="Next panel (→)"
          isSmall
          disabled={!after}
          onClick={() => setView({ full: after ?? null })}
        />
      </div>
    </div>
  );
}
