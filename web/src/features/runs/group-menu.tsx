/**
 * The button that says what runs are grouped by, and changes it.
 */

import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { labelOf } from "@/data/table/columns";
import { useView } from "../view/view-store";
import { ListButton } from "./list-button";

const GroupKeys = lazy(() => import("./group-keys"));

export function GroupMenu({ project, isIcon }: { project: ProjectRef; isIcon?: boolean }) {
  const groupBy = useView((view) => view.groupBy);
  const value = groupBy.map((column) => labelOf(column).label).join(", ");
  return (
    <ListButton icon="group" label="Group" value={value || null} width={340} isIcon={isIcon}>
      <GroupKeys project={project} />
    </ListButton>
  );
}
