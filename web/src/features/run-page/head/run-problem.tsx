/**
 * In the place of a run that cannot be shown: it never was, it is in the trash, or the server does not answer.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { isGone } from "@/api/client";
import { runKey, undeleteRun } from "@/api/runs/run";
import { trashedRunQuery } from "@/api/runs/run-details";
import type { ProjectRef } from "@/api/types";
import { formatExact } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { showFailed } from "@/ui/overlays/toasts";
import { PageFault } from "@/ui/signs/fault";
import { PageProblem } from "@/ui/signs/page-problem";
import { Ago } from "@/ui/text/ago";
import { useRights } from "../../use-rights";

interface RunProblemProps {
  readonly project: ProjectRef;
  readonly id: string;
  readonly error: Error;
  onRetry(): void;
}

export function RunProblem({ project, id, error, onRetry }: RunProblemProps) {
  const isAway = isGone(error);
  const trashed = useQuery({ ...trashedRunQuery(project, id), enabled: isAway, staleTime: 0 });
  if (!isAway) return <PageFault title="The run could not be read" error={error} onRetry={onRetry} />;
  if (trashed.isPending) return null;
  const run = trashed.data;
  if (!run) {
    return (
      <PageProblem icon="search" title="There is no such run">
        <span>
          <span className="mono">{id}</span> is not in {project.entity} / {project.project}: the link is
          wrong, or the run was deleted permanently.
        </span>
        <Link to="/$entity/$project" params={project} className="btn sm">
          Go to {project.project}
        </Link>
      </PageProblem>
    );
  }
  return (
    <PageProblem icon="trash" title={`${run.name} is in the trash`}>
      <span>
        It was deleted <Ago micros={run.trashed_micros} suffix=" ago" />
        {run.purge_micros !== null && ` and can be brought back until ${formatExact(run.purge_micros)}`}.
      </span>
      <Restore project={project} id={id} onDone={onRetry} />
    </PageProblem>
  );
}

function Restore({ project, id, onDone }: { project: ProjectRef; id: string; onDone(): void }) {
  const client = useQueryClient();
  const { mayWrite } = useRights(project);
  const [isBusy, setBusy] = useState(false);
  const restore = async () => {
    setBusy(true);
    try {
      await undeleteRun(project, id);
      await client.invalidateQueries({ queryKey: runKey(project, id) });
      onDone();
    } catch (error) {
      showFailed("Could not bring it back", error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <span className="row">
      {mayWrite && (
        <Button isSmall onClick={() => void restore()} disabled={isBusy}>
          Bring it back
        </Button>
      )}
      <Link to="/$entity/$project" params={project} className="btn sm">
        Go to {project.project}
      </Link>
    </span>
  );
}
