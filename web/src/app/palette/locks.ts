/** The entry of the command palette that locks or unlocks the run or version on screen. */

import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { versionQuery } from "@/api/artifacts/artifacts";
import { runQuery } from "@/api/runs/run";
import type { ProjectRef } from "@/api/types";
import { useVersionLock } from "@/features/artifacts/lock-button";
import { useRunActions } from "@/features/runs/actions/run-actions";
import { useRights } from "@/features/use-rights";
import type { Entry } from "./entry";

const NOWHERE: ProjectRef = { entity: "", project: "" };

export function useLockEntries(): Entry[] {
  const {
    entity = "",
    project = "",
    run: runId = "",
    artifact = "",
    version = "",
  }: Record<string, string | undefined> = useParams({ strict: false });
  const ref = entity && project ? { entity, project } : NOWHERE;
  const run = useQuery({ ...runQuery(ref, runId), enabled: runId !== "" }).data;
  const stored = useQuery({ ...versionQuery(ref, artifact, version), enabled: version !== "" }).data;
  const { setLock } = useRunActions(ref);
  const setVersionLock = useVersionLock(ref);
  const { mayWrite } = useRights(ref);
  const entryOf = (noun: string, isLocked: boolean, choose: () => void): Entry => ({
    id: `lock:${noun}`,
    icon: "lock",
    label: `${isLocked ? "Unlock" : "Lock"} this ${noun}`,
    spans: [],
    choose,
  });
  if (!mayWrite) return [];
  if (run) return [entryOf("run", Boolean(run.locked_by), () => void setLock(run, !run.locked_by))];
  if (stored && !stored.source)
    return [
      entryOf("version", Boolean(stored.locked_by), () => void setVersionLock(stored, !stored.locked_by)),
    ];
  return [];
}
