/** The number of a run set's runs, which lists their names: links to their pages, where the reader has them. */

import { Link } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import type { PanelRun } from "@/panels/panel-props";
import { Popover } from "@/ui/overlays/popover";
import { useReport } from "../report-context";
import { runPageOf } from "./run-page-link";

interface SetRunNamesProps {
  /** Id of the grid. */
  readonly grid: string;
  readonly project: ProjectRef;
  /** Name of the set. */
  readonly set: string;
  /** The number in words. */
  readonly count: string;
  readonly runs: readonly PanelRun[];
  /** Shown runs, also those that are not drawn. */
  readonly nShown: number;
}

export function SetRunNames({ grid, project, set, count, runs, nShown }: SetRunNamesProps) {
  const label = `Runs of ${set}`;
  return (
    <Popover
      label={label}
      width={300}
      target={
        <button type="button" className="badge tn count" aria-label={`${count}: list their names`}>
          {count}
        </button>
      }
    >
      <ul className="set-runs" aria-label={label}>
        {runs.map((run) => (
          <li key={run.id}>
            <span className="dot" style={{ background: `var(--w-run-${run.color})` }} />
            <RunName grid={grid} project={project} run={run} />
          </li>
        ))}
        {nShown > runs.length && (
          <li className="muted">and {formatCount(nShown - runs.length)} that are not drawn</li>
        )}
      </ul>
    </Popover>
  );
}

function RunName({ grid, project, run }: Pick<SetRunNamesProps, "grid" | "project"> & { run: PanelRun }) {
  const page = runPageOf(useReport(), grid, project, run.id);
  if (page === null) return <span className="ell">{run.name}</span>;
  return (
    <Link {...page} className="ell">
      {run.name}
    </Link>
  );
}
