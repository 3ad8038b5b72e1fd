import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { columnLabel } from "@/data/table/columns";
import { useView } from "../../view/view-store";
import { ListButton, type ListButtonProps } from "./list-button";

const GroupKeys = lazy(() => import("./group-keys"));

interface GroupMenuProps extends Pick<ListButtonProps, "isIcon" | "isOpen" | "onOpen"> {
  readonly project: ProjectRef;
}

export function GroupMenu({ project, ...button }: GroupMenuProps) {
  const groupBy = useView((view) => view.groupBy);
  const value = groupBy.map(columnLabel).join(", ");
  return (
    <ListButton icon="group" label="Group" value={value || null} width={340} {...button}>
      <GroupKeys project={project} />
    </ListButton>
  );
}
