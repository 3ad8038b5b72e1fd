/**
 * What a person does to the run on the page: seen at once, taken back if the server refuses, with a way back.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import type { RunEdit } from "@/api/run-edits";
import { deleteRun, editRun, stopRun, undeleteRun } from "@/api/runs";
import { showDone, showFailed } from "@/ui/toasts";
import { noteAct } from "../last-act";
import { TABS } from "./run-tabs";
import { useShownRun } from "./shown-run";

export interface RunEdits {
  rename(name: string): Promise<void>;
  setTags(tags: readonly string[]): Promise<void>;
  setNotes(notes: string): Promise<void>;
  stop(): Promise<void>;
  /** To the trash; a page of the run goes to the project, the message brings the run back. */
  remove(): Promise<void>;
}

export function useRunEdits(): RunEdits {
  const { project, run } = useShownRun();
  const client = useQueryClient();
  const router = useRouter();
  const page = { to: TABS.overview, params: { ...project, run: run.id } };

  /** Whether a tab of the run is shown, and no other page asked for. */
  const isHere = () => {
    const { pathname } = router.buildLocation(page);
    return `${router.latestLocation.pathname}/`.startsWith(`${pathname}/`);
  };
  const edit = async (part: RunEdit, failed: string): Promise<boolean> => {
    try {
      await editRun(client, project, run.id, run, part);
      return true;
    } catch (error) {
      showFailed(failed, error);
      return false;
    }
  };
  const bringBack = async () => {
    const { pathname } = router.latestLocation;
    try {
      await undeleteRun(project, run.id);
      if (router.latestLocation.pathname === pathname) await router.navigate(page);
    } catch (error) {
      showFailed(`Could not bring back ${run.name}`, error);
    }
  };
  return {
    async rename(name) {
      const before = run.name;
      if (name === "" || name === before) return;
      if (await edit({ name }, `Could not rename ${before}`))
        showDone(`Renamed to ${name}`, {
          label: "Undo",
          run: () => void edit({ name: before }, `Could not rename ${name}`),
        });
    },
    async setTags(tags) {
      await edit({ tags }, `Could not change the tags of ${run.name}`);
    },
    async setNotes(notes) {
      const before = run.notes;
      if (notes === (before ?? "")) return;
      if (await edit({ notes: notes === "" ? null : notes }, `Could not change the notes of ${run.name}`))
        showDone(notes === "" ? "Notes removed" : "Notes saved", {
          label: "Undo",
          run: () => void edit({ notes: before }, `Could not change the notes of ${run.name}`),
        });
    },
    async stop() {
      try {
        await stopRun(project, run.id);
        showDone(`${run.name} is asked to stop`);
      } catch (error) {
        showFailed(`Could not stop ${run.name}`, error);
      }
    },
    async remove() {
      try {
        await deleteRun(project, run.id);
        if (isHere()) await router.navigate({ to: "/$entity/$project", params: project });
        showDone(`${run.name} is in the trash`, { label: "Undo", run: noteAct(() => void bringBack()) });
        client.removeQueries({ queryKey: ["run", project.entity, project.project, run.id] });
        await client.invalidateQueries({ queryKey: ["runs", project.entity, project.project] });
      } catch (error) {
        showFailed(`Could not delete ${run.name}`, error);
      }
    },
  };
}
