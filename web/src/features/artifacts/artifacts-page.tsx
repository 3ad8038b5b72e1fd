/** The artifacts of a project: all collections, or the chosen one with the others at the left. */

import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo } from "react";
import { EmptyState } from "@/ui/signs/empty-state";
import { PageFault } from "@/ui/signs/fault";
import { tellPageStatus } from "../page-status";
import { ArtifactList } from "./artifact-list";
import { CollectionView } from "./collection-view";
import { CollectionsTable } from "./collections-table";
import { useCollections } from "./use-collections";
import { VersionView } from "./version-view";
import "@/ui/parts/parts.css";
import "./artifacts.css";

type Params = { entity: string; project: string; artifact?: string; version?: string };

export function ArtifactsPage() {
  const params: Params = useParams({ strict: false }) as Params;
  const { entity, project, artifact = null, version = null } = params;
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const search = useCollections(ref);
  const title = artifact === null ? "Artifacts" : version === null ? artifact : `${artifact}:${version}`;
  useEffect(() => tellPageStatus({ title }), [title]);
  const { error } = search;
  if (error)
    return <PageFault title="The artifacts could not be listed" error={error} onRetry={search.onRetry} />;
  if (search.search === "" && search.collections?.length === 0)
    return (
      <main className="artifacts parts none" aria-label="Artifacts">
        <EmptyState
          icon="box"
          title="No artifacts yet"
          action={
            <Link to="/docs/$document" params={{ document: "artifacts" } as never} className="btn">
              How to log one
            </Link>
          }
        >
          An artifact is a set of files with versions: a dataset, a model. run.log_artifact("model.pt",
          type="model") keeps one.
        </EmptyState>
      </main>
    );
  if (artifact === null)
    return (
      <main className="artifacts all" aria-label="Artifacts">
        <CollectionsTable project={ref} search={search} />
      </main>
    );
  return (
    <main className="artifacts parts" aria-label="Artifacts">
      <ArtifactList project={ref} search={search} chosen={artifact} />
      {version === null ? (
        <CollectionView key={artifact} project={ref} name={artifact} />
      ) : (
        <VersionView key={`${artifact}:${version}`} project={ref} name={artifact} version={version} />
      )}
    </main>
  );
}
