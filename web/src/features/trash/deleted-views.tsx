/** The views and sets of columns of a project that are in the trash. */

import { useQueryClient } from "@tanstack/react-query";
import { refreshTrash, type TrashedView } from "@/api/trash";
import type { ProjectRef } from "@/api/types";
import { columnSetsQuery, deleteViewForGood, savedViewsQuery, undeleteSavedView } from "@/api/views";
import { useRights } from "../use-rights";
import { DeletedActs, DeletedCells, DeletedHeads } from "./trash-row";
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

export function DeletedViews({ project, views, trash: { busy, ask, work } }: DeletedViewsProps) {
  const client = useQueryClient();
  const { mayWrite } = useRights(project);
  if (views.length === 0) return null;
  const refresh = () =>
    Promise.all([
      refreshTrash(client),
      client.invalidateQueries({ queryKey: savedViewsQuery(project).queryKey }),
      client.invalidateQueries({ queryKey: columnSetsQuery(project).queryKey }),
    ]);
  const restore = ({ id, name }: TrashedView) =>
    work(id, `restore ${name}`, async () => {
      await undeleteSavedView(project, id);
      await refresh();
      return `${name} is restored`;
    });
  const deleteNow = ({ id, name }: TrashedView) =>
    ask({
      title: `Delete ${name} permanently?`,
      text: "Links to it lead nowhere then.",
      button: "Delete permanently",
      run: () =>
        work(id, `delete ${name}`, async () => {
          await deleteViewForGood(project, id);
          await refresh();
          return `${name} is deleted permanently`;
        }),
    });
  return (
    <section className="card table-card" aria-label="Deleted views">
      <table className="data-table trash">
        <thead>
          <tr>
            <th>View</th>
            <DeletedHeads hasSize={false} />
          </tr>
        </thead>
        <tbody>
          {views.map((view) => (
            <tr key={view.id}>
              <td>
                <span className="row">
                  <span className="w5 ell">{view.name}</span>
                  <span className="muted ell">
                    {KINDS[view.kind]}
                    {view.owner !== null && view.kind !== "personal" && `, by ${view.owner}`}
                  </span>
                </span>
              </td>
              <DeletedCells trashed_micros={view.trashed_micros} purge_micros={view.purge_micros} />
              <td className="acts">
                {mayWrite && (
                  <DeletedActs
                    name={view.name}
                    isBusy={busy !== null}
                    onRestore={() => void restore(view)}
                    onDelete={() => deleteNow(view)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
