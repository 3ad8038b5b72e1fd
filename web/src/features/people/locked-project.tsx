/** Names what is locked in a project or a team, which can't be deleted before all of it is unlocked. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { projectId } from "@/api/projects";
import { askNames } from "@/api/runs/run-rows";
import type { ProjectRef, Schemas } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Dialog } from "@/ui/overlays/dialog";
import { LockedList } from "../locked-list";

type Locks = Schemas["ProjectLocks"];

/** Things that the dialog of a project names, and the dialog of a team for each of the first projects. */
const NAMED = 10;
const NAMED_OF_TEAM = 3;
const PROJECTS = 8;

interface LockedProjectProps {
  readonly project: ProjectRef;
  readonly locks: Locks;
  onClose(): void;
}

export function LockedProject({ project, locks, onClose }: LockedProjectProps) {
  return (
    <Refusal name={projectId(project)} onClose={onClose}>
      <p className="dialog-text">
        It has {countLocked(locks)}. Unlock them first: the users who locked them may, and admins of the
        project.
      </p>
      <LockedThings project={project} locks={locks} n={NAMED} />
    </Refusal>
  );
}

interface LockedTeamProps {
  readonly team: string;
  /** By project. */
  readonly locks: Readonly<Record<string, Locks>>;
  onClose(): void;
}

export function LockedTeam({ team, locks, onClose }: LockedTeamProps) {
  const projects = Object.entries(locks);
  const nHidden = projects.length - PROJECTS;
  return (
    <Refusal name={team} onClose={onClose}>
      <p className="dialog-text">
        {formatNoun(projects.length, "project")} {projects.length === 1 ? "has" : "have"} locked runs or
        versions. Unlock them first: the users who locked them may, and admins of the team. Or move these
        projects to another owner.
      </p>
      <ul className="locked-projects" aria-label="Projects in the way">
        {projects.slice(0, PROJECTS).map(([project, ofProject]) => (
          <li key={project}>
            <div className="row">
              <Link to="/$entity/$project/runs" params={{ entity: team, project }} onClick={onClose}>
                {project}
              </Link>
              <span className="meta">{countLocked(ofProject)}</span>
            </div>
            <LockedThings project={{ entity: team, project }} locks={ofProject} n={NAMED_OF_TEAM} />
          </li>
        ))}
        {nHidden > 0 && <li className="meta">and {formatNoun(nHidden, "more project")}</li>}
      </ul>
    </Refusal>
  );
}

function Refusal({ name, children, onClose }: { name: string; children: ReactNode; onClose(): void }) {
  return (
    <Dialog
      title={`${name} can't be deleted`}
      isOpen
      onClose={onClose}
      actions={
        <Button data-autofocus onClick={onClose}>
          Close
        </Button>
      }
    >
      {children}
    </Dialog>
  );
}

function countLocked({ runs, versions }: Locks): string {
  const counts = [
    { n: Object.keys(runs).length, noun: "locked run" },
    { n: Object.keys(versions).length, noun: "locked version" },
  ];
  return counts
    .filter(({ n }) => n > 0)
    .map(({ n, noun }) => formatNoun(n, noun))
    .join(" and ");
}

/** The first locked things of a project, runs by their names. */
function LockedThings({ project, locks, n }: { project: ProjectRef; locks: Locks; n: number }) {
  const runs = Object.entries(locks.runs);
  const versions = Object.entries(locks.versions);
  const first = runs.slice(0, n);
  const { data: names } = useQuery({
    queryKey: ["locked-runs", projectId(project), first],
    queryFn: () =>
      askNames(
        project,
        first.map(([id]) => id),
      ),
    enabled: first.length > 0,
  });
  const things = [
    ...first.map(([id, user]) => ({ name: names?.get(id) ?? id, user })),
    ...versions.map(([name, user]) => ({ name, user })),
  ].slice(0, n);
  return <LockedList things={things} n={runs.length + versions.length} />;
}
