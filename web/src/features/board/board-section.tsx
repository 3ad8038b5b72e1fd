/**
 * A section of the board: its head, and of its page the panels near the view.
 */

import { memo } from "react";
import type { PlacedSection } from "@/data/board/layout";
import { formatNoun } from "@/data/format";
import { type Band, cascade } from "@/data/view/settings";
import { change } from "@/data/view/view";
import { IconButton } from "@/ui/icon-button";
import { Icon } from "@/ui/icons";
import { useSetView, useView } from "../view/view-store";
import { BoardPanel } from "./board-panel";
import { useIsDragged } from "./drag-state";
import { SectionMenu } from "./section-menu";

interface BoardSectionProps {
  readonly placed: PlacedSection;
  readonly isSearch: boolean;
  readonly pitch: number;
  /** The part near the view, from its upper edge, px. */
  readonly from: number;
  readonly to: number;
}

export const BoardSection = memo(function BoardSection(props: BoardSectionProps) {
  const { placed, isSearch, pitch, from, to } = props;
  const { section, isOpen, box, cells, first } = placed;
  const { name, title, n } = section;
  const setView = useSetView();
  const isDragged = useIsDragged(name);
  const ids = cells.length > 0 ? section.ids() : [];
  return (
    <section
      className={`sec ${isOpen ? "" : "shut"} ${isDragged ? "dragged" : ""}`}
      aria-label={title}
      data-section={name}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
    >
      <div className="sech">
        <button
          type="button"
          className="fold"
          aria-expanded={isOpen}
          disabled={isSearch}
          onClick={() => setView((view) => change.section(view, name, { isOpen: !isOpen }))}
        >
          <Icon name="down" isSmall className="chev" />
          <h2 className="ell">{title}</h2>
          <span className="badge" title={formatNoun(n, "panel")}>
            {n.toLocaleString("en")}
          </span>
        </button>
        <GroupNote name={name} />
        <span className="rt">
          {isOpen && <Pages placed={placed} />}
          {!isSearch && <SectionMenu placed={placed} />}
        </span>
      </div>
      {isOpen && n === 0 && (
        <p className="sec-empty">Drop panels here, or add one from the menu at the right.</p>
      )}
      {cells.map((cell, i) => {
        if (cell.y > to || cell.y + cell.height < from) return null;
        const id = ids[first + i]!;
        return <BoardPanel key={id} id={id} pitch={pitch} {...cell} />;
      })}
    </section>
  );
});

function Pages({ placed }: { placed: PlacedSection }) {
  const setView = useSetView();
  const { section, page, nPages, first, cells } = placed;
  if (nPages === 1) return null;
  const go = (next: number) => setView((view) => change.section(view, section.name, { page: next }));
  return (
    <>
      <IconButton
        icon="left"
        label="Previous panels"
        isSmall
        disabled={page === 0}
        onClick={() => go(page - 1)}
      />
      <span className="tn">
        {(first + 1).toLocaleString("en")}–{(first + cells.length).toLocaleString("en")} of{" "}
        {section.n.toLocaleString("en")}
      </span>
      <IconButton
        icon="right"
        label="Next panels"
        isSmall
        disabled={page === nPages - 1}
        onClick={() => go(page + 1)}
      />
    </>
  );
}

const BANDS: Readonly<Record<Band, string>> = {
  minmax: ", min–max",
  std: ", std",
  stderr: ", stderr",
  ci95: ", 95 %",
  none: "",
};

/** How the section's curves are grouped, where they are or where others are. */
function GroupNote({ name }: { name: string }) {
  const listed = useView((view) => view.groupBy);
  const { groupBy, center, band } = useView((view) =>
    cascade(view.settings, view.sections[name]?.settings ?? {}),
  );
  const by = groupBy ?? listed;
  if (by.length === 0) return listed.length > 0 ? <span className="note ell">all runs</span> : null;
  const columns = by.map((column) => column.replace(/^(config|summary)\./, "")).join(", ");
  return (
    <span className="note ell">
      grouped by {columns} · {center}
      {BANDS[band]}
    </span>
  );
}
