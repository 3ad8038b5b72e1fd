/** A section of the board: its head, and of its page the panels near the view. */

import { memo, useMemo, useState } from "react";
import { type BoardSection as BoardSectionData, listedCount } from "@/data/board/board";
import { FOLD_HEIGHT, type PlacedSection } from "@/data/board/layout";
import { titleOf } from "@/data/metrics/sections";
import { formatCount, formatNoun } from "@/data/text/format";
import { BAND_TITLES } from "@/data/view/setting-titles";
import { cascade } from "@/data/view/settings";
import { change } from "@/data/view/view";
import { SharedRanges, SharedRangesContext } from "@/panels/plot/shared-ranges";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { useSwipe } from "@/ui/hooks/use-swipe";
import { Icon } from "@/ui/signs/icons";
import { useSetView, useView } from "../../view/view-store";
import { useBoardMode } from "../board-set";
import { openAddPanel } from "../dialogs/open-dialog";
import { useIsDragged } from "../moving/drag-state";
import { BoardPanel } from "./board-panel";
import { SectionMenu } from "./menus/board-menus";

/** Of a page with more panels only those near the view share their ranges: the others do not ask for their data. */
const MOST_SHARING = 60;
/** More names than a line holds are not put in it. */
const NAMED_FOLDED = 20;

interface BoardSectionProps {
  readonly placed: PlacedSection;
  readonly isSearch: boolean;
  readonly pitch: number;
  /** The part near the view, from its upper edge, px. */
  readonly from: number;
  readonly to: number;
  /** A person turns to another page. */
  onTurn(): void;
}

export const BoardSection = memo(function BoardSection(props: BoardSectionProps) {
  const { placed, isSearch, pitch, from, to, onTurn } = props;
  const { section, isOpen, box, cells, first } = placed;
  const { name, title, n } = section;
  const nAll = n + section.nFolded;
  const nListed = listedCount(section);
  const { isReadOnly } = useBoardMode();
  const setView = useSetView();
  const isDragged = useIsDragged(name);
  const ids = cells.length > 0 ? section.ids() : [];
  const [ranges] = useState(() => new SharedRanges());
  const isSharing = useView((view) => {
    const { hasSharedX, hasSharedY } = cascade(view.settings, view.sections[name]?.settings ?? {});
    return hasSharedX || hasSharedY;
  });
  const turn = (page: number) => {
    if (page < 0 || page >= placed.nPages) return;
    onTurn();
    setView((view) => change.section(view, name, { page }));
  };
  const needsAll = isSharing && cells.length <= MOST_SHARING;
  return (
    <section
      className={`sec ${isOpen ? "" : "shut"} ${isDragged ? "dragged" : ""}`}
      aria-label={title}
      data-section={name}
      style={{ left: box.x, top: box.y, width: box.width, height: box.height }}
      {...useSwipe((step) => turn(placed.page + step))}
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
          {isOpen || !section.isOfOneRun ? (
            <span
              className="badge"
              title={`${formatNoun(nListed, "panel")}${nAll > nListed ? `, ${formatCount(nAll - nListed)} more folded` : ""}`}
            >
              {formatCount(nListed)}
            </span>
          ) : (
            <span className="badge" title="Each of its metrics was logged by one run">
              {formatNoun(nAll, "panel")} · 1 run each
            </span>
          )}
        </button>
        <GroupNote name={name} />
        <span className="rt">
          {isOpen && <Pages placed={placed} onTurn={turn} />}
          {!isSearch && !isReadOnly && <SectionMenu placed={placed} />}
        </span>
      </div>
      {isOpen && n === 0 && section.nFoldable === 0 && (
        <p className="sec-empty">
          {isReadOnly ? (
            "No panels."
          ) : (
            <span>
              Drop panels here, or{" "}
              <Button isSmall onClick={() => openAddPanel(name)}>
                Add one
              </Button>
            </span>
          )}
        </p>
      )}
      <SharedRangesContext value={ranges}>
        {cells.map((cell, i) => {
          const isNear = cell.y <= to && cell.y + cell.height >= from;
          if (!isNear && !needsAll) return null;
          const id = ids[first + i]!;
          return <BoardPanel key={id} id={id} pitch={pitch} {...cell} />;
        })}
      </SharedRangesContext>
      {isOpen && section.nFoldable > 0 && <FoldedPanels section={section} />}
    </section>
  );
});

/** A line for the panels without data and those of step metrics, with a way to see them. */
function FoldedPanels({ section }: { section: BoardSectionData }) {
  const setView = useSetView();
  const { name, nFoldable, nSteps, view } = section;
  const isFolded = !view.areEmptyShown;
  const names = useMemo(() => section.foldable().slice(0, NAMED_FOLDED).map(titleOf).join(", "), [section]);
  const nEmpty = nFoldable - nSteps;
  const summary = [
    ...(nEmpty > 0 ? [`${formatNoun(nEmpty, "panel")} without data for the runs shown`] : []),
    ...(nSteps > 0 ? [formatNoun(nSteps, "step metric")] : []),
  ].join(", ");
  return (
    <div className="sec-fold" style={{ height: FOLD_HEIGHT }}>
      <span className="ell" title={isFolded ? `${summary}: ${names}` : undefined}>
        {isFolded ? `${summary}: ${names}${nFoldable > NAMED_FOLDED ? " …" : ""}` : summary}
      </span>
      <Button
        look="quiet"
        isSmall
        aria-label={`${isFolded ? "Show" : "Fold"} ${summary}`}
        onClick={() => setView((view) => change.section(view, name, { areEmptyShown: isFolded }))}
      >
        {isFolded ? "Show" : "Fold"}
      </Button>
    </div>
  );
}

function Pages({ placed, onTurn }: { placed: PlacedSection; onTurn: (page: number) => void }) {
  const { section, page, nPages, first, cells } = placed;
  if (nPages === 1) return null;
  return (
    <>
      <IconButton
        icon="left"
        label="Previous panels"
        isSmall
        disabled={page === 0}
        onClick={() => onTurn(page - 1)}
      />
      <span className="tn">
        {formatCount(first + 1)}–{formatCount(first + cells.length)} of {formatCount(section.n)}
      </span>
      <IconButton
        icon="right"
        label="Next panels"
        isSmall
        disabled={page === nPages - 1}
        onClick={() => onTurn(page + 1)}
      />
    </>
  );
}

/** A note on the groups of the section's curves, where they or others are grouped. */
function GroupNote({ name }: { name: string }) {
  const listed = useView((view) => view.groupBy);
  const { groupBy, center, band } = useView((view) =>
    cascade(view.settings, view.sections[name]?.settings ?? {}),
  );
  const by = groupBy ?? listed;
  if (by.length === 0) return listed.length > 0 ? <span className="note ell">all runs</span> : null;
  const columns = by.map((column) => column.replace(/^(config|summary)\./, "")).join(", ");
  const spread = band === "none" || band === "auto" ? "" : `, ${BAND_TITLES[band]}`;
  const words = `grouped by ${columns} · ${center}${spread}`;
  return (
    <span className="note ell" title={words}>
      {words}
    </span>
  );
}
