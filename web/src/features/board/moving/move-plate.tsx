/** Moves a panel with the arrow keys, within its section and past its ends into the next. */

import { panelTitle } from "@/data/board/board";
import { movePanel } from "@/data/board/moves";
import { change, panelOf } from "@/data/view/view";
import { useReadView, useSetView } from "../../view/view-store";
import { useBoardActions, useLayoutNow } from "../board-set";
import { KeyPlate } from "./key-mode";
import { announce } from "./live-text";

/** Down from above a row that is not full goes to its end. */
function nextIndex(index: number, n: number, x: number, y: number, columns: number): number {
  const next = index + x + y * columns;
  const isLastRow = Math.floor(index / columns) >= Math.floor((n - 1) / columns);
  return y > 0 && !isLastRow ? Math.min(next, n - 1) : next;
}

export function MovePlate({ id }: { id: string }) {
  const { board } = useBoardActions();
  const layoutNow = useLayoutNow();
  const readView = useReadView();
  const setView = useSetView();
  const onStep = (x: number, y: number) => {
    const layout = layoutNow();
    const panel = panelOf(readView(), id);
    const nth = layout?.sections.findIndex(({ section }) => section.name === panel?.section) ?? -1;
    const current = layout?.sections[nth];
    if (!layout || !panel || !current) return;
    const index = current.section.ids().indexOf(id);
    const next = nextIndex(index, current.section.n, x, y, layout.columns);
    const isInside = next >= 0 && next < current.section.n;
    const target = isInside ? current : layout.sections[nth + Math.sign(x + y)];
    if (!target) return;
    const { name, title, n } = target.section;
    // past an end: into the section before, at its end, or into the one after, at its start
    const targetIndex = isInside ? next : next < 0 ? n : 0;
    setView(
      (view) => {
        const part = movePanel(view, board(), id, name, isInside && next > index ? next + 1 : targetIndex);
        if (!part) return {};
        const page = target.pageOf(targetIndex);
        return { ...part, ...change.section({ ...view, ...part }, name, { page, isOpen: true }) };
      },
      { coalesce: `move ${id}` },
    );
    announce(`${panelTitle(panel)}: ${targetIndex + 1} of ${isInside ? n : n + 1} in ${title}`);
  };
  return <KeyPlate id={id} does="move" onStep={onStep} />;
}
