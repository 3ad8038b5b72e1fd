/** Chooses the columns next to the names in the runs list, and their order. */

import type { ProjectRef } from "@/api/types";
import { ColumnPicker } from "../../runs/column-picker";
import { useSetView, useView } from "../../view/view-store";

/** More have no room in the widest list. */
const MAX_PINNED = 12;

export default function PinnedPicker({ project }: { project: ProjectRef }) {
  const pinned = useView((view) => view.pinned);
  const setView = useSetView();
  return (
    <ColumnPicker
      project={project}
      label="Pinned columns"
      chosen={pinned}
      onOrder={(columns) => setView({ pinned: columns })}
      isOn={(column) => pinned.includes(column)}
      onToggle={(column, isOn) =>
        setView({
          pinned: isOn ? [...pinned, column].slice(-MAX_PINNED) : pinned.filter((other) => other !== column),
        })
      }
    />
  );
}
