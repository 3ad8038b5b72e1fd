/** The views and sets of columns of a project that are in the trash. */

import { useQueryClient } from "@tanstack/react-query";
import type { TrashedView } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { columnSetsQuery, deleteViewForGood, savedViewsQuery, undeleteSavedView } from "@/api/views";
import { useRights } from "../use-rights";
import { DeletedObjects } from "./deleted-objects";
import type { TrashWork } from "./use-trash-work";

const KINDS: Readonly<Record<string, string>> = {
  personal: "your view",
  shared: "view of the project",
  columns: "set of columns",
};

interface DeletedViewsProps {
  readonly project: ProjectRef;
  readonly views: readonly TrashedView[];
  readonly trash: TrashWork;
}

export function DeletedViews({ project, views, trash }: DeletedViewsProps) {
  const client = useQueryClient();
  const { mayWrite } = useRights(project);
  return (
    <DeletedObjects
      noun="view"
      objects={views.map((view) => ({ ...view, note: noteOf(view) }))}
      trash={trash}
      mayWrite={mayWrite}
      loss="Links to it lead nowhere then."
      onRestore={(id) => undeleteSavedView(project, id)}
      onDelete={(id) => deleteViewForGood(project, id)}
      onChanged={() =>
        Promise.all([
          client.invalidateQueries({ queryKey: savedViewsQuery(project).queryKey }),
          client.invalidateQueries({ queryKey: columnSetsQuery(project).queryKey }),
        ])
      }
    />
  );
}

function noteOf({ kind, owner }: TrashedView): string {
  const author = owner !== null && kind !== "personal" ? `, by ${owner}` : "";
  return `${KINDS[kind] ?? kind}${author}`;
}
