/** The head of a run's column: the way to its page, and what can be done with the column. */

import { Link } from "@tanstack/react-router";
import type { ProjectRef } from "@/api/types";
import type { ComparedColumn } from "@/panels/comparer/use-compared-runs";
import { IconButton } from "@/ui/controls/icon-button";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName } from "@/ui/text/mid-name";
import { Runtime } from "../runtime";

/** A column is often narrower than a name. */
const NAME_LINES = 3;

interface RunHeadProps extends ComparedColumn {
  readonly project: ProjectRef;
  readonly isAlone: boolean;
  onRemove(): void;
  onBase(): void;
}

export function RunHead({ project, run, isBase, isAlone, onRemove, onBase }: RunHeadProps) {
  return (
    <span className="compare-head">
      <span className="row">
        <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
        <Link to="/$entity/$project/runs/$run" params={{ ...project, run: run.id }}>
          <MidName name={run.name} nLines={NAME_LINES} />
        </Link>
      </span>
      <span className="row meta">
        <StateIcon state={run.state} />
        {isBase && <span className="flag neu">base</span>}
        <span className="tn ell">
          <Runtime run={run} />
          {run.user && `, by ${run.user}`}
        </span>
        <span className="grow" />
        {!isBase && <IconButton icon="flag" label={`Compare with ${run.name}`} isSmall onClick={onBase} />}
        {!isAlone && <IconButton icon="x" label={`Remove ${run.name}`} isSmall onClick={onRemove} />}
      </span>
    </span>
  );
}
