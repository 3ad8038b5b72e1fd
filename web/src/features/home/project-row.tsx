import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, type ReactNode, Suspense, useState } from "react";
import {
  askLocks,
  bestRunQuery,
  deleteProject,
  projectId,
  projectSizeQuery,
  projectsQuery,
  serverQuery,
  undeleteProject,
} from "@/api/projects";
import type { Project, Schemas } from "@/api/types";
import { columnLabel, labelOf } from "@/data/table/columns";
import { formatBytes, formatCount, formatNoun, formatValue } from "@/data/text/format";
import { useKeyColumn } from "@/panels/over-runs/use-key-column";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { noteAct } from "../last-act";
import { rightsIn } from "../use-rights";
import { DayBars } from "./day-bars";
import { DescribeProject } from "./describe-project";
import { PinButton } from "./pin-button";

const AccessDialog = lazy(() =>
  import("../people/access-dialog").then((file) => ({ default: file.AccessDialog })),
);

const LockedProject = lazy(() =>
  import("../people/locked-project").then((file) => ({ default: file.LockedProject })),
);

interface ProjectRowProps {
  readonly project: Project;
  readonly days: readonly number[] | null;
  /** Chooses it; false on a server without accounts, where a project has one owner. */
  readonly pick: ReactNode;
}

export function ProjectRow({ project, days, pick }: ProjectRowProps) {
  const size = useQuery(projectSizeQuery(project)).data;
  return (
    <tr>
      {pick && <td className="pick">{pick}</td>}
      <td className="star-col">
        <PinButton project={project} />
      </td>
      <td>
        <Link
          to="/$entity/$project"
          params={{ entity: project.entity, project: project.project }}
          className="plain w5"
        >
          {project.project}
        </Link>
        {project.description && (
          <span className="meta about" title={project.description}>
            {project.description}
          </span>
        )}
      </td>
      <td className="t2 entity">{project.entity}</td>
      <td className="number n-runs">{formatCount(project.n_runs)}</td>
      <td className="running">
        {project.n_running > 0 && (
          <span className="row">
            <StateIcon state="running" />
            <span className="tn">{formatCount(project.n_running)}</span>
          </span>
        )}
      </td>
      <td className="days">{days && <DayBars counts={days} />}</td>
      <td className="t2 active">
        {project.n_running > 0 ? "now" : <Ago micros={project.active_micros} suffix=" ago" />}
      </td>
      <BestCells project={project} />
      <td className="number size">{size !== undefined && formatBytes(size)}</td>
      <td className="menu">
        <ProjectMenu project={project} />
      </td>
    </tr>
  );
}

/** The project's key metric, and which run is best by it, where its goal is known. */
function BestCells({ project }: { project: Project }) {
  const { column, goal } = useKeyColumn(project, project.n_runs > 0);
  const best = useQuery({
    ...bestRunQuery(project, column ?? "", goal ?? "minimize"),
    enabled: column !== null && goal !== null,
  }).data;
  if (column === null) return <td className="key-name" colSpan={3} />;
  return (
    <>
      <td className="t2 key-name" title={column}>
        {columnLabel(column)}
        {goal !== null && labelOf(column).aggregate === null && (
          <span className="meta"> {goal === "maximize" ? "max" : "min"}</span>
        )}
      </td>
      <td className="number w5 best">{typeof best?.value === "number" && formatValue(best.value)}</td>
      <td className="best-run">{best && <BestRun project={project} {...best} />}</td>
    </>
  );
}

interface BestRunProps {
  readonly project: Project;
  readonly id: string;
  readonly name: string;
  readonly color: number;
}

function BestRun({ project, id, name, color }: BestRunProps) {
  return (
    <span className="row">
      <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
      <Link
        to="/$entity/$project/runs/$run"
        params={{ entity: project.entity, project: project.project, run: id }}
        className="plain t2 name"
      >
        <MidName name={name} />
      </Link>
    </span>
  );
}

function ProjectMenu({ project }: { project: Project }) {
  const client = useQueryClient();
  const [dialog, setDialog] = useState<"describe" | "access" | null>(null);
  const [locks, setLocks] = useState<Schemas["ProjectLocks"] | null>(null);
  const hasAccount = useQuery({ ...serverQuery, select: (server) => server.account !== null }).data ?? false;
  const { mayWrite, mayManage } = rightsIn(project);
  const name = projectId(project);
  const refresh = () => client.invalidateQueries({ queryKey: projectsQuery.queryKey });
  const bringBack = async () => {
    await attempt(`Could not bring back ${name}`, async () => {
      await undeleteProject(project);
      showDone(`${name} is restored`);
      await refresh();
    });
  };
  const remove = async () => {
    await attempt(`Could not delete ${name}`, async () => {
      const locked = await askLocks(project);
      if (Object.keys({ ...locked.runs, ...locked.versions }).length > 0) {
        setLocks(locked);
        return;
      }
      await deleteProject(project);
      await refresh();
      showDone(`${name} is in the trash with ${formatNoun(project.n_runs, "run")}`, {
        label: "Undo",
        run: noteAct(() => void bringBack()),
      });
    });
  };
  return (
    <>
      <Menu
        position="bottom-end"
        target={<IconButton icon="dots" label={`More of ${project.project}`} isSmall />}
      >
        {mayWrite && (
          <MenuItem icon="edit" onChoose={() => setDialog("describe")}>
            Describe
          </MenuItem>
        )}
        {hasAccount && (
          <MenuItem icon="lock" onChoose={() => setDialog("access")}>
            Access
          </MenuItem>
        )}
        {mayManage && (
          <>
            <MenuLine />
            <MenuItem icon="trash" isDanger onChoose={() => void remove()}>
              Delete
            </MenuItem>
          </>
        )}
      </Menu>
      {dialog === "describe" && <DescribeProject project={project} onClose={() => setDialog(null)} />}
      {locks && (
        <Suspense>
          <LockedProject project={project} locks={locks} onClose={() => setLocks(null)} />
        </Suspense>
      )}
      {dialog === "access" && (
        <Suspense>
          <AccessDialog project={project} onClose={() => setDialog(null)} />
        </Suspense>
      )}
    </>
  );
}
