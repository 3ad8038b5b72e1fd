import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { runLineageQuery } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { FIRST_DEPTH, LineageGraph } from "./lineage-graph";

export function RunLineage({ project, run }: { project: ProjectRef; run: string }) {
  const [depth, setDepth] = useState(FIRST_DEPTH);
  const query = useQuery(runLineageQuery(project, run, depth));
  const chosen = query.data?.nodes.find(({ kind, name }) => kind === "run" && name === run)?.id ?? null;
  return (
    <section className="card lineage-card" aria-label="Lineage of the run">
      <h2>Lineage</h2>
      {query.data ? (
        <LineageGraph lineage={query.data} chosen={chosen} depth={depth} onDepth={setDepth} />
      ) : query.isError ? (
        <Fault title="The lineage could not be read" error={query.error} />
      ) : (
        <SkeletonRows n={4} height={30} />
      )}
    </section>
  );
}
