/** Cells that Home's tables of runs share. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Run } from "@/api/types";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";

/** Colour, name, state, and what there is to say next to it: below it where the name needs the room. */
export function RunName({ run, children }: { run: Run; children?: ReactNode }) {
  return (
    <span className="run-name">
      <span className="row">
        <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
        <Link
          to="/$entity/$project/runs/$run"
          params={{ entity: run.entity, project: run.project, run: run.id }}
          className="plain w5 name"
        >
          <MidName name={run.name} />
        </Link>
        <StateIcon state={run.state} />
      </span>
      {children}
    </span>
  );
}

export function ProjectName({ run }: { run: Run }) {
  return (
    <Link to="/$entity/$project" params={{ entity: run.entity, project: run.project }} className="plain">
      <span className="muted">{run.entity} /</span> <span className="t2">{run.project}</span>
    </Link>
  );
}
