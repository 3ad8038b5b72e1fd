/** A grid in view: as published, as it is now, or while it is being stored. */

import { SeenGrid, type SeenGridProps } from "../grid/seen-grid";
import { useFigures } from "./figures-context";
import { ChangesSince, PublishedGrid } from "./published-grid";
import { StoredGrid } from "./stored-grid";

export function GridFigure(props: SeenGridProps) {
  const { mode, version, figureOf, hasFigures } = useFigures();
  const info = figureOf(props.id);
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
