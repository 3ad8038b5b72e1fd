/** Projects that are chosen in a list: a checkbox each, and a bar with what can be done with all of them. */

import { lazy, Suspense, useState } from "react";
import { projectId } from "@/api/projects";
import type { Project } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";

const MoveProjects = lazy(() => import("./move-projects").then((file) => ({ default: file.MoveProjects })));

interface ChosenProjects {
  /** Those of the list that are chosen. */
  readonly projects: readonly Project[];
  has(project: Project): boolean;
  toggle(project: Project): void;
  /** Choose or leave all that are shown. */
  setAll(shown: readonly Project[], isOn: boolean): void;
  clear(): void;
}

export function useChosenProjects(projects: readonly Project[]): ChosenProjects {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const change = (shown: readonly Project[], isOn: (id: string) => boolean) => {
    const next = new Set(ids);
    for (const id of shown.map(projectId)) {
      if (isOn(id)) next.add(id);
      else next.delete(id);
    }
    setIds(next);
  };
  return {
    projects: projects.filter((project) => ids.has(projectId(project))),
    has: (project) => ids.has(projectId(project)),
    toggle: (project) => change([project], (id) => !ids.has(id)),
    setAll: (shown, isOn) => change(shown, () => isOn),
    clear: () => setIds(new Set()),
  };
}

export function ChooseBox({ project, chosen }: { project: Project; chosen: ChosenProjects }) {
  return (
    <Checkbox
      label={`Choose ${projectId(project)}`}
      isOn={chosen.has(project)}
      onChange={() => chosen.toggle(project)}
    />
  );
}

export function ChooseAllBox({ shown, chosen }: { shown: readonly Project[]; chosen: ChosenProjects }) {
  const n = shown.filter(chosen.has).length;
  return (
    <Checkbox
      label="Choose all"
      isOn={n > 0 && n === shown.length}
      isMixed={n > 0 && n < shown.length}
      onChange={(isOn) => chosen.setAll(shown, isOn)}
    />
  );
}

export function ChosenBar({ chosen }: { chosen: ChosenProjects }) {
  const [isMoving, setMoving] = useState(false);
  const { projects, clear } = chosen;
  if (projects.length === 0 && !isMoving) return null;
  return (
    <div className="chosen-bar" role="toolbar" aria-label="Chosen projects">
      <span className="grow tn">{formatNoun(projects.length, "project")} chosen</span>
      <Button isSmall onClick={() => setMoving(true)}>
        Move to…
      </Button>
      <Button isSmall look="quiet" onClick={clear}>
        Clear
      </Button>
      {isMoving && (
        <Suspense>
          <MoveProjects projects={projects} onMoved={clear} onClose={() => setMoving(false)} />
        </Suspense>
      )}
    </div>
  );
}
