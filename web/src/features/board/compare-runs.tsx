/**
 * Chosen runs side by side over the whole page, differences first. Only for the moment: the view stays as it is.
 */

import { Suspense, useEffect, useMemo } from "react";
import { formatNoun } from "@/data/format";
import { makePanel } from "@/data/view/panel";
import { FIRST_SETTINGS } from "@/data/view/settings";
import { PANEL_KINDS } from "@/panels/registry";
import { useStable } from "@/ui/hooks/use-stable";
import { isPageKey } from "@/ui/keys/page-keys";
import { useSetView, useView } from "../view/view-store";
import { usePanelSet } from "./board-set";
import { cover } from "./full-screen";

export function CompareRuns() {
  const ids = useView((view) => view.compared);
  return ids.length === 0 ? null : <Compared ids={ids} />;
}

function Compared({ ids }: { ids: readonly string[] }) {
  const set = usePanelSet();
  const setView = useSetView();
  // the comparer reads the runs themselves, and has their names and colours from there
  const runs = useMemo(() => ids.map((id) => ({ id, name: id, color: 0, isLive: false })), [ids]);
  const panel = useMemo(
    () => makePanel("compared", "comparer", "", { title: `Compare ${formatNoun(ids.length, "run")}` }),
    [ids.length],
  );
  const close = useStable(() => setView({ compared: [] }));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && isPageKey(event)) close();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [close]);
  const Comparer = PANEL_KINDS.comparer.Panel;
  return (
    <div className="full" ref={cover} role="dialog" aria-label="Compare runs">
      <Suspense>
        <Comparer
          {...set}
          runs={runs}
          asked={ids}
          groupBy={NO_GROUPS}
          baseline={runs.find(({ id }) => id === set.baseline?.id) ?? null}
          panel={panel}
          settings={FIRST_SETTINGS}
          zoom={null}
          step={null}
          isFull
          isPassing
          onZoom={ignore}
          onStep={ignore}
          onChange={ignore}
          onFull={close}
          onEdit={ignore}
        />
      </Suspense>
    </div>
  );
}

const NO_GROUPS: readonly string[] = [];

function ignore(): void {}
