/**
 * The versions of one artifact, newest first, and who moved its aliases.
 */

import { useQuery } from "@tanstack/react-query";
import { artifactHistoryQuery, versionsQuery } from "@/api/artifacts";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/format";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { ArtifactRows } from "../lineage/artifact-rows";
import { AliasHistory } from "./alias-history";

export function CollectionView({ project, name }: { project: ProjectRef; name: string }) {
  const query = useQuery(versionsQuery(project, name));
  const history = useQuery(artifactHistoryQuery(project, name));
  const versions = query.data?.versions;
  return (
    <section className="part-main" aria-label={name}>
      <header className="part-head">
        <Icon name="box" isSmall />
        <h2>
          <MidName name={name} />
        </h2>
        {versions?.[0] && <span className="muted">{versions[0].type}</span>}
      </header>
      <div className="artifact-body">
        <section className="card" aria-label="Versions">
          <h2>Versions {versions && <span className="count tn">{formatCount(versions.length)}</span>}</h2>
          {query.isError ? (
            <EmptyState icon="warn" title="The versions could not be listed">
              {query.error.message}
            </EmptyState>
          ) : !versions ? (
            <SkeletonRows n={6} height={30} />
          ) : versions.length === 0 ? (
            <p className="card-none">All versions were deleted.</p>
          ) : (
            <ArtifactRows label="Versions" artifacts={versions} isOneCollection />
          )}
        </section>
        {history.data && history.data.changes.length > 0 && (
          <section className="card" aria-label="History">
            <h2>History</h2>
            <AliasHistory changes={history.data.changes} />
          </section>
        )}
      </div>
    </section>
  );
}
