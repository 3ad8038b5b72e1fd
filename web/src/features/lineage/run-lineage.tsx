/**
 * The lineage around a version, as a card of a run's page; the run is marked in it.
 */

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type Artifact, lineageQuery } from "@/api/artifacts";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { LineageGraph } from "./lineage-graph";

const DEPTH = 6;

export function RunLineage({ run, around }: { run: string; around: Artifact }) {
  const ref = useMemo(
    () => ({ entity: around.entity, project: around.project }),
    [around.entity, around.project],
  );
  const query = useQuery(lineageQuery(ref, around.name, around.version ?? "latest", DEPTH));
  const chosen = query.data?.nodes.find(({ kind, name }) => kind === "run" && name === run)?.id ?? null;
  return (
    <section className="card lineage-card" aria-label="Lineage of the run">
      <h2>Lineage</h2>
      {query.data ? (
        <LineageGraph lineage={query.data} chosen={chosen} />
      ) : query.isError ? (
        <EmptyState icon="warn" title="The lineage could not be read">
          {query.error.message}
        </EmptyState>
      ) : (
        <SkeletonRows n={4} height={30} />
      )}
    </section>
  );
}
