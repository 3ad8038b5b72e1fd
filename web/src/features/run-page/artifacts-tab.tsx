import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Artifact, runArtifactsQuery } from "@/api/artifacts/artifacts";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { ArtifactRows } from "../lineage/artifact-rows";
import { RunLineage } from "../lineage/run-lineage";
import { RunLinks } from "../links/run-links";
import { useShownRun } from "./shown-run";

const LIVE_MILLIS = 3_000;

export function ArtifactsTab() {
  const { project, run } = useShownRun();
  const query = useQuery({
    ...runArtifactsQuery(project, run.id),
    refetchInterval: run.state === "running" ? LIVE_MILLIS : false,
  });
  if (query.isPending)
    return (
      <section className="run-artifacts" aria-label="Artifacts" aria-busy="true">
        <SkeletonRows n={6} height={30} />
      </section>
    );
  if (query.isError)
    return (
      <section className="run-artifacts none" aria-label="Artifacts">
        <Fault title="The artifacts could not be listed" error={query.error} onRetry={query.refetch} />
      </section>
    );
  const { logged, used, links } = query.data;
  if (logged.length + used.length + links.length === 0)
    return (
      <section className="run-artifacts none" aria-label="Artifacts">
        <EmptyState icon="box" title="No artifacts">
          run.log_artifact("model.pt", type="model") keeps a version of a file or folder, and
          run.use_artifact("data:latest") reads one.
        </EmptyState>
      </section>
    );
  const hasVersions = used.length > 0 || logged.some(({ version }) => version !== null);
  return (
    <section className="run-artifacts" aria-label="Artifacts">
      <div className="run-artifact-lists">
        <List title="Used" artifacts={used} none="This run used no artifacts." />
        <List title="Logged" artifacts={logged} none="This run logged no artifacts." />
        {links.length > 0 && (
          <section className="card" aria-label="Linked">
            <h2>
              Linked
              <span className="count">{formatCount(links.length)}</span>
            </h2>
            <RunLinks links={links} />
          </section>
        )}
      </div>
      {hasVersions && <RunLineage project={project} run={run.id} />}
    </section>
  );
}

/** A run that logs a checkpoint each epoch has hundreds; the newest tell what came of it. */
const FIRST_ROWS = 8;

function List({ title, artifacts, none }: { title: string; artifacts: readonly Artifact[]; none: string }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? artifacts : artifacts.slice(-FIRST_ROWS);
  return (
    <section className="card" aria-label={title}>
      <h2>
        {title}
        <span className="count">{formatCount(artifacts.length)}</span>
      </h2>
      {artifacts.length === 0 ? (
        <p className="card-none">{none}</p>
      ) : (
        <ArtifactRows label={title} artifacts={shown} />
      )}
      {shown.length < artifacts.length && (
        <p className="card-none row">
          <span>The newest {formatCount(shown.length)} of them.</span>
          <Button isSmall onClick={() => setWhole(true)}>
            Show all
          </Button>
        </p>
      )}
    </section>
  );
}
