/** A grid in view: as published, as it is now, or while it is being stored. */

import { drawsRuns } from "@/data/report/grid";
import { formatNoun } from "@/data/text/format";
import { isOfOneProject, nameOf } from "../grid/run-sets";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import { useReport } from "../report-context";
import { useFigures } from "./figures-context";
import { LinkedGrid } from "./linked-grid";
import { ChangesSince, PublishedGrid } from "./published-grid";
import { StoredGrid } from "./stored-grid";

export function GridFigure(props: SeenGridProps) {
  const { mode, version, figureOf, hasFigures } = useFigures();
  const { project: own, isShared, isStatic, linkOfRuns } = useReport();
  const info = figureOf(props.id);
  if (!drawsRuns(props.grid)) return <SeenGrid {...props} />;
  if (isStatic && info === null) return <AbsentGrid {...props} />;
  if (mode === "now" && linkOfRuns) return <LinkedGrid key="now" {...props} link={linkOfRuns} />;
  if (isShared && info === null)
    return <p className="grid-changes">These panels were not stored when the report was published.</p>;
  if (!isShared && !isStatic && !isOfOneProject(props.sets, own))
    return <SeenGrid {...props} note={mode === "published" && version && SEVERAL} />;
  if (mode === "store" && info === null) return <StoredGrid {...props} />;
  if (version === null || info === null)
    return (
      <SeenGrid
        {...props}
        note={
          mode === "published" && hasFigures ? (
            <p className="grid-changes">
              <span className="words">Not stored when it was published: the runs as they are now.</span>
            </p>
          ) : null
        }
      />
    );
  const figure = { ...props, version, info };
  // apart by key: the panels of one must not show what the other has asked for
  if (mode === "now") return <SeenGrid key="now" {...props} note={<ChangesSince {...figure} />} />;
  return <PublishedGrid key="published" {...figure} />;
}

/** The names of what a static file has no figure of. */
function AbsentGrid({ sets, grid }: SeenGridProps) {
  return (
    <>
      <ul className="run-sets" aria-label="Run sets">
        {sets.map((set, i) => (
          <li key={set.id}>
            <b>{nameOf(set, i, sets.length)}</b>
          </li>
        ))}
      </ul>
      <div className="say" role="note">
        <b>{formatNoun(grid.panels.length, "panel")} not in this file</b>
        <span>The figures were not stored when the report was published.</span>
      </div>
    </>
  );
}

const SEVERAL = (
  <p className="grid-changes">
    <span className="words">Runs of several projects are shown as they are now.</span>
  </p>
);
