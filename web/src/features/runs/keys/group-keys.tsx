/** The columns that runs are grouped by, the outermost first. */

import { useState } from "react";
import type { ProjectRef } from "@/api/types";
import { useVariedParameters } from "@/panels/over-runs/use-varied-parameters";
import { ColumnField } from "@/panels/settings/column-field";
import { Button } from "@/ui/controls/button";
import { useSetView, useView } from "../../view/view-store";
import { KeyList, moved } from "./key-list";

/** The server nests no deeper. */
const MAX_KEYS = 8;

export default function GroupKeys({ project }: { project: ProjectRef }) {
  const groupBy = useView((view) => view.groupBy);
  const setView = useSetView();
  // the list would open as the focus comes back from a button that goes, and take the next Escape
  const [wasGrouped] = useState(groupBy.length > 0);
  const varied = useVariedParameters(project, true);
  // what was said of groups by other columns means nothing any more
  const set = (next: readonly string[]) =>
    setView({ groupBy: next, hiddenGroups: [], shownGroups: [], openGroups: null });
  return (
    <div className="keys-pop">
      <div className="keys-head">
        <h3>Group by</h3>
        {groupBy.length > 0 && (
          <Button look="quiet" isSmall onClick={() => set([])}>
            Ungroup
          </Button>
        )}
      </div>
      <KeyList
        label="Group keys, outermost first"
        columns={groupBy}
        onMove={(from, to) => set(moved(groupBy, from, to))}
        onRemove={(column) => set(groupBy.filter((other) => other !== column))}
      />
      {groupBy.length < MAX_KEYS && (
        <ColumnField
          project={project}
          value={null}
          label="Add a group key"
          placeholder={groupBy.length > 0 ? "then by" : "Find a column"}
          autoFocus
          isClosedFirst={wasGrouped || groupBy.length > 0}
          used={groupBy}
          first={varied?.map(({ column }) => column)}
          onChange={(column) => set([...groupBy, column])}
        />
      )}
    </div>
  );
}
