/**
 * The column whose values runs are coloured by.
 */

import type { ProjectRef } from "@/api/types";
import { ColumnField } from "@/panels/over-runs/column-field";
import { Button } from "@/ui/button";
import { useSetView, useView } from "../view/view-store";

export default function ColorKey({ project }: { project: ProjectRef }) {
  const colorBy = useView((view) => view.colorBy);
  const setView = useSetView();
  return (
    <div className="keys-pop">
      <h3>Colour by</h3>
      <ColumnField
        project={project}
        value={colorBy}
        label="Colour by"
        placeholder="Each run its own colour"
        autoFocus
        onChange={(column) => setView({ colorBy: column })}
      />
      {colorBy !== null && (
        <div className="keys-end">
          <Button look="quiet" isSmall onClick={() => setView({ colorBy: null })}>
            Each run its own colour
          </Button>
        </div>
      )}
    </div>
  );
}
