/** One panel over the whole page: arrows go to the neighbouring panels, Escape goes back. */

import { useEffect } from "react";
import { pin } from "@/charts/shared-state";
import type { Board } from "@/data/board/board";
import { formatCount } from "@/data/text/format";
import { panelOf } from "@/data/view/view";
import { IconButton } from "@/ui/controls/icon-button";
import { useSwipe } from "@/ui/hooks/use-swipe";
import { isPageKey } from "@/ui/keys/page-keys";
import { useSetView, useView } from "../view/view-store";
import { useBoardOfPage } from "./board-set";
import { ViewPanel } from "./sections/board-panel";

export function FullScreen() {
  const id = useView((view) => view.full);
  const isOpen = id !== null;
  // values pinned here stand in the list; in the panel below they would be a box over the page
  useEffect(() => {
    if (!isOpen) return;
    const before = pin.get();
    return () => {
      if (pin.get() !== before) pin.set(null);
    };
  }, [isOpen]);
  return id === null ? null : <FullPanel key={id} id={id} />;
}

interface Neighbours {
  readonly before: string | null;
  readonly after: string | null;
  /** From 1; 0: it stands nowhere. */
  readonly position: number;
  readonly n: number;
  readonly section: string;
}

/** The neighbours of a panel; past the ends of its section those of the next ones. */
function neighboursOf({ sections }: Board, id: string, name: string | undefined): Neighbours {
  const nth = sections.findIndex((section) => section.name === name);
  const current = sections[nth];
  const ids = current?.ids() ?? [];
  const at = ids.indexOf(id);
  if (!current || at < 0) return { before: null, after: null, position: 0, n: 0, section: "" };
  const above = sections.slice(0, nth).findLast((section) => section.n > 0);
  const below = sections.slice(nth + 1).find((section) => section.n > 0);
  return {
    before: ids[at - 1] ?? above?.ids().at(-1) ?? null,
    after: ids[at + 1] ?? below?.ids()[0] ?? null,
    position: at + 1,
    n: ids.length,
    section: current.title,
  };
}

/**
 * The page below is not reached by keys or readers: see `board.css`. It is marked by hand, as with
 * `:has` each row of a tooltip would restyle all of it. The element that had the focus has it again afterwards.
 */
function cover(full: HTMLElement | null) {
  const page = full?.parentElement;
  const before = document.activeElement;
  page?.setAttribute("data-covered", "");
  return () => {
    page?.removeAttribute("data-covered");
    const active = document.activeElement;
    const isLost = active === document.body || full?.contains(active);
    if (isLost && before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
}

function FullPanel({ id }: { id: string }) {
  const board = useBoardOfPage();
  const panel = useView((view) => panelOf(view, id));
  const setView = useSetView();
  const { before, after, position, n, section } = neighboursOf(board, id, panel?.section);
  const swipe = useSwipe((step) => {
    const next = step === 1 ? after : before;
    if (next !== null) setView({ full: next });
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!isPageKey(event)) return;
      if (event.key === "Escape") setView({ full: null });
      // sliders and rows of choices have arrows of their own
      if (event.target instanceof Element && event.target.closest("input, [role=radiogroup]")) return;
      if (event.key === "ArrowLeft" && before !== null) setView({ full: before });
      if (event.key === "ArrowRight" && after !== null) setView({ full: after });
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [before, after, setView]);
  if (!panel) return null;
  return (
    <div className="full" ref={cover} role="dialog" aria-label="Full screen" {...swipe}>
      <ViewPanel
        id={id}
        isFull
        nav={
          (before !== null || after !== null) && (
            <span className="full-nav">
              <IconButton
                icon="left"
                label="Previous panel (←)"
                disabled={before === null}
                onClick={() => setView({ full: before })}
              />
              <span className="meta tn">
                {n > 1 && position > 0 && `${formatCount(position)} of ${formatCount(n)} in ${section}`}
              </span>
              <IconButton
                icon="right"
                label="Next panel (→)"
                disabled={after === null}
                onClick={() => setView({ full: after })}
              />
            </span>
          )
        }
      />
    </div>
  );
}
