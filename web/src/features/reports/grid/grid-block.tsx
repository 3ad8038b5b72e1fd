/**
 * A grid of panels: its run sets, and their runs drawn by the panels of a workspace.
 *
 * Run sets that are shown are drawn together, each run once. Only a grid that came into view asks for its runs.
 */

import { type ComponentType, useMemo, useRef } from "react";
import type { Grid } from "@/data/report/document";
import { boardOfGrid, drawsRuns, heightOfRows, rowsOfGrid, viewOfGrid } from "@/data/report/grid";
import { PanelLevel } from "@/panels/frame/panel-level";
import { useWidth } from "@/panels/frame/use-in-view";
import { Icon } from "@/ui/signs/icons";
import { GridFigure } from "../figures/grid-figure";
import { useReport } from "../report-context";
import { nameOf, runSetsOf } from "./run-sets";
import type { SeenGridProps } from "./seen-grid";
import { useProjectOfGrid } from "./use-project";
import { useSeen } from "./use-seen";
import "./grid.css";

interface GridBlockProps {
  readonly id: string;
  readonly grid: Grid;
  /** Its run sets and panels, once it came into view. */
  readonly Content?: ComponentType<SeenGridProps>;
}

export function GridBlock({ id, grid, Content = GridFigure }: GridBlockProps) {
  const area = useRef<HTMLElement>(null);
  const isSeen = useSeen(area);
  const width = useWidth(area);
  const { panelLevels } = useReport();
  const sets = useMemo(() => runSetsOf(grid), [grid]);
  const project = useProjectOfGrid(sets);
  const rows = useMemo(
    () => (width > 0 ? rowsOfGrid(boardOfGrid(viewOfGrid(grid), ""), width - 2 * PADDING_PX) : []),
    [grid, width],
  );
  return (
    <figure className="report-grid" ref={area} aria-label="Panels">
      {isSeen ? (
        <PanelLevel value={panelLevels.get(id) ?? 3}>
          <Content id={id} grid={grid} sets={sets} project={project} />
        </PanelLevel>
      ) : (
        drawsRuns(grid) && (
          <ul className="run-sets" aria-hidden="true">
            {sets.map((set, i) => (
              <li key={set.id}>
                <b>{nameOf(set, i, sets.length)}</b>
              </li>
            ))}
          </ul>
        )
      )}
      {!isSeen && <div style={{ height: heightOfRows(rows) }} />}
      {grid.unknownPanels.length > 0 && (
        <p className="grid-note">
          <Icon name="info" isSmall /> This version of weft cannot show panels of the kind{" "}
          {[...new Set(grid.unknownPanels)].join(", ")}.
        </p>
      )}
    </figure>
  );
}

/** As grid.css has it. */
const PADDING_PX = 8;
