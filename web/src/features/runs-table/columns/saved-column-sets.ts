/** Actions on a project's sets of columns: read one, save, replace and delete it. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ProjectRef, SavedView, SavedViewInfo } from "@/api/types";
import {
  columnSetsQuery,
  createSavedView,
  deleteSavedView,
  editSavedView,
  fetchSavedView,
  undeleteSavedView,
} from "@/api/views";
import { type ColumnSet, readColumnSet } from "@/data/table/column-set";
import { faultText } from "@/data/text/fault-text";
import { attempt, showDone, showFailed } from "@/ui/overlays/toasts";

class SavedColumnSets {
  private readonly project: ProjectRef;
  private readonly client: QueryClient;
  /** The set that was asked for last: an earlier one that comes late is not taken. */
  private lastRequested: string | null = null;

  constructor(project: ProjectRef, client: QueryClient) {
    this.project = project;
    this.client = client;
  }

  /** The columns of a set; null: they could not be read, or another set was asked for meanwhile. */
  async read({ id, name }: SavedViewInfo): Promise<ColumnSet | null> {
    this.lastRequested = id;
    try {
      const { document } = await fetchSavedView(this.project, id);
      const set = readColumnSet(document);
      if (!set) throw new Error("it is not a list of columns");
      return this.lastRequested === id ? set : null;
    } catch (error) {
      showFailed(`The set ${name} could not be read`, error);
      this.refresh();
      return null;
    }
  }

  /**
   * Saves columns under a new name.
   *
   * @returns null, or what to say next to the field
   */
  async save(name: string, set: ColumnSet): Promise<string | null> {
    try {
      await createSavedView(this.project, { kind: "columns", name, document: { ...set } });
      showDone(`Saved the set ${name}`);
      return null;
    } catch (error) {
      return faultText(error);
    } finally {
      this.refresh();
    }
  }

  async replace({ id, name }: SavedViewInfo, set: ColumnSet): Promise<void> {
    await attempt(`The set ${name} was not replaced`, async () => {
      const before = await fetchSavedView(this.project, id);
      const changed = await editSavedView(this.project, before, { document: { ...set } });
      showDone(`Replaced the set ${name}`, {
        label: "Undo",
        run: () => void this.putBack(changed, before),
      });
    });
    this.refresh();
  }

  async remove({ id, name }: SavedViewInfo): Promise<void> {
    await attempt(`The set ${name} was not deleted`, async () => {
      await deleteSavedView(this.project, id);
      showDone(`Deleted the set ${name}`, { label: "Undo", run: () => void this.restore(id, name) });
    });
    this.refresh();
  }

  private async putBack(changed: SavedViewInfo, { name, document }: SavedView): Promise<void> {
    await attempt(`The set ${name} was not put back`, async () => {
      await editSavedView(this.project, changed, { document });
    });
    this.refresh();
  }

  private async restore(id: string, name: string): Promise<void> {
    await attempt(`The set ${name} was not brought back`, async () => {
      await undeleteSavedView(this.project, id);
    });
    this.refresh();
  }

  private refresh(): void {
    void this.client.invalidateQueries({ queryKey: columnSetsQuery(this.project).queryKey });
  }
}

export function useSavedColumnSets(project: ProjectRef): SavedColumnSets {
  const client = useQueryClient();
  const { entity, project: name } = project;
  return useMemo(() => new SavedColumnSets({ entity, project: name }, client), [entity, name, client]);
}
