import { lazy } from "react";
import type { ProjectRef } from "@/api/types";
import { columnLabel } from "@/data/table/columns";
import { useView } from "../../view/view-store";
import { ListButton } from "./list-button";

const SortKeys = lazy(() => import("./sort-keys"));

export function SortMenu({ project, isIcon }: { project: ProjectRef; isIcon?: boolean }) {
  const order = useView((view) => view.order);
  const [first] = order;
  const value = order.length > 1 ? `${order.length} keys` : first ? columnLabel(first.column) : null;
  return (
    <ListButton icon="sort" label="Sort" value={value} width={400} isIcon={isIcon}>
      <SortKeys project={project} />
    </ListButton>
  );
}
