/** A table of the views or reports of a project that are in the trash. */

import { useQueryClient } from "@tanstack/react-query";
import { refreshTrash } from "@/api/trash";
import { DeletedActs, DeletedCells, DeletedHeads } from "./trash-row";
import type { TrashWork } from "./use-trash-work";

export interface DeletedObject {
  readonly id: string;
  readonly name: string;
  /** Words after the name: its kind, its author. */
  readonly note: string;
  readonly trashed_micros: number;
  readonly purge_micros: number | null;
}

interface DeletedObjectsProps {
  readonly noun: "view" | "report";
  readonly objects: readonly DeletedObject[];
  readonly trash: TrashWork;
  readonly mayWrite: boolean;
  /** The consequence of a permanent deletion, as a sentence. */
  readonly loss: string;
  onRestore(id: string): Promise<unknown>;
  onDelete(id: string): Promise<unknown>;
  /** Has the lists of those that are not deleted read again. */
  onChanged(): Promise<unknown>;
}

export function DeletedObjects(props: DeletedObjectsProps) {
  const { noun, objects, trash, mayWrite, loss, onRestore, onDelete, onChanged } = props;
  const { busy, ask, work } = trash;
  const client = useQueryClient();
  if (objects.length === 0) return null;
  const refresh = () => Promise.all([refreshTrash(client), onChanged()]);
  const restore = ({ id, name }: DeletedObject) =>
    work(id, `restore ${name}`, async () => {
      await onRestore(id);
      await refresh();
      return `${name} is restored`;
    });
  const deleteNow = ({ id, name }: DeletedObject) =>
    ask({
      title: `Delete ${name} permanently?`,
      text: loss,
      button: "Delete permanently",
      run: () =>
        work(id, `delete ${name}`, async () => {
          await onDelete(id);
          await refresh();
          return `${name} is deleted permanently`;
        }),
    });
  return (
    <section className="card table-card" aria-label={`Deleted ${noun}s`}>
      <table className="data-table trash">
        <thead>
          <tr>
            <th>{noun === "view" ? "View" : "Report"}</th>
            <DeletedHeads hasSize={false} />
          </tr>
        </thead>
        <tbody>
          {objects.map((object) => (
            <tr key={object.id}>
              <td>
                <span className="row">
                  <span className="w5 ell">{object.name}</span>
                  <span className="muted ell">{object.note}</span>
                </span>
              </td>
              <DeletedCells trashed_micros={object.trashed_micros} purge_micros={object.purge_micros} />
              <td className="acts">
                {mayWrite && (
                  <DeletedActs
                    name={object.name}
                    isBusy={busy !== null}
                    onRestore={() => void restore(object)}
                    onDelete={() => deleteNow(object)}
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
