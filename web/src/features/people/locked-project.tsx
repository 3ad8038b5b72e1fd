/**
 * Names what is locked in a project, which can't be deleted before all of it is unlocked.
 */

import { useQuery } from "@tanstack/react-query";
import { projectId } from "@/api/projects";
import { askNames } from "@/api/runs/run-rows";
import type { ProjectRef, Schemas } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";
import { LockedList } from "../locked-list";

/** Things that the dialog names. */
const NAMED = 10;

interface LockedProjectProps {
  readonly project: ProjectRef;
  readonly locks: Schemas["ProjectLocks"];
  onClose(): void;
}

export function LockedProject({ project, locks, onClose }: LockedProjectProps) {
  const runs = Object.entries(locks.runs);
  const versions = Object.entries(locks.versions);
  const first = runs.slice(0, NAMED);
  const { data: names } = useQuery({
    queryKey: ["locked-runs", projectId(project), first],
    queryFn: () =>
      askNames(
        project,
        first.map(([id]) => id),
      ),
  });
  const things = [
    ...first.map(([id, user]) => ({ name: names?.get(id) ?? id, user })),
    ...versions.map(([name, user]) => ({ name, user })),
  ].slice(0, NAMED);
  const parts = [
    runs.length > 0 && formatNoun(runs.length, "locked run"),
    versions.length > 0 && formatNoun(versions.length, "locked version"),
  ].filter(Boolean);
  return (
    <Dialog
      title={`${projectId(project)} can't be deleted`}
      isOpen
      onClose={onClose}
      actions={
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      }
    >
      <p className="dialog-text">
        It has {parts.join(" and ")}. Unlock them first: the users who locked them may, and admins of the
        project.
      </p>
      <LockedList things={things} n={runs.length + versions.length} />
    </Dialog>
  );
}
