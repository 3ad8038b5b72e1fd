/** A grid in view: as published, as it is now, or while it is being stored. */

import { drawsRuns } from "@/data/report/grid";
import { formatNoun } from "@/data/text/format";
import { nameOf, projectsOf } from "../grid/run-sets";
import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import { useReport } from "../report-context";
import { useFigures } from "./figures-context";
import { LinkedGrid } from "./linked-grid";
import { withoutFigure } from "./project-figures";
import { ChangesSince, PublishedGrid } from "./published-grid";
import { StoredGrid } from "./stored-grid";

export function GridFigure(props: SeenGridProps) {
  const { mode, version, figuresOf, hasFigures } = useFigures();
  const { project: own, isShared, isStatic, linkOfRuns } = useReport();
  const infos = figuresOf(props.id);
  if (!drawsRuns(props.grid)) return <SeenGrid {...props} />;
  if (isStatic && infos.length === 0) return <AbsentGrid {...props} />;
  if (mode === "now" && linkOfRuns) return <LinkedGrid key="now" {...props} link={linkOfRuns} />;
  if (isShared && infos.length === 0)
    return <p className="grid-changes">These panels were not stored when the report was published.</p>;
  const missing = mode === "store" ? withoutFigure(infos, own, projectsOf(props.sets, own)) : [];
  if (missing.length > 0) return <StoredGrid {...props} projects={missing} />;
  if (version === null || infos.length === 0)
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
  const figures = { ...props, version, infos };
  // apart by key: the panels of one must not show what the other has asked for
  if (mode === "now") return <SeenGrid key="now" {...props} note={<ChangesSince {...figures} />} />;
  return <PublishedGrid key="published" {...figures} />;
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
