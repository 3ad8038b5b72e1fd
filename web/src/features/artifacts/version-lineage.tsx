/** The lineage of one version, loaded when its tab is opened: few open it. */

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Artifact, lineageQuery } from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { FIRST_DEPTH, LineageGraph } from "../lineage/lineage-graph";

export default function VersionLineage({ project, artifact }: { project: ProjectRef; artifact: Artifact }) {
  const [depth, setDepth] = useState(FIRST_DEPTH);
  const query = useQuery(lineageQuery(project, artifact.name, artifact.version ?? "latest", depth));
  const { name, version } = artifact.source ?? artifact;
  const chosen =
    query.data?.nodes.find(
      (node) => node.kind === "artifact" && node.name === name && node.version === version,
    )?.id ?? null;
  if (query.isError) return <Fault title="The lineage could not be read" error={query.error} />;
  return query.data ? (
    <LineageGraph lineage={query.data} chosen={chosen} depth={depth} onDepth={setDepth} />
  ) : (
    <SkeletonRows n={8} height={26} />
  );
}
