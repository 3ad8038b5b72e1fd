/** One artifact: what it is, its versions with their metadata, and who moved its aliases. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  type Artifact,
  artifactHistoryQuery,
  type CollectionEdit,
  collectionQuery,
  editCollection,
  versionsQuery,
} from "@/api/artifacts/artifacts";
import { ApiError } from "@/api/client";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { ProseCard } from "@/ui/cards/prose-card";
import { attempt } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { ArtifactRows } from "../lineage/artifact-rows";
import { useRights } from "../use-rights";
import { AliasHistory, DescribedBy } from "./alias-history";
import { TagsCard } from "./tags-card";
import { Versions } from "./versions/versions";

export function CollectionView({ project, name }: { project: ProjectRef; name: string }) {
  const client = useQueryClient();
  const collection = useQuery(collectionQuery(project, name));
  const query = useQuery(versionsQuery(project, name));
  const history = useQuery(artifactHistoryQuery(project, name));
  const { mayWrite } = useRights(project);
  if (collection.isError || query.isError) {
    const error = collection.error ?? query.error;
    const isMissing = error instanceof ApiError && error.status === 404;
    return (
      <section className="part-main none" aria-label={name}>
        <EmptyState
          icon="warn"
          title={isMissing ? "There is no such artifact" : "The versions could not be listed"}
        >
          {error?.message}
        </EmptyState>
      </section>
    );
  }
  const { versions, begun } = query.data ?? { versions: null, begun: [] };
  const newest = versions?.reduce<Artifact | undefined>(
    (newer, version) => (newer && newer.created_micros >= version.created_micros ? newer : version),
    undefined,
  );
  const edit = async (field: string, change: CollectionEdit) => {
    await attempt(`change the ${field}`, async () => {
      await editCollection(client, project, name, change);
    });
  };
  return (
    <section className="part-main" aria-label={name}>
      <header className="part-head artifact-head">
        <Icon name="box" isSmall />
        <h2>
          <MidName name={name} />
        </h2>
        {collection.data && <span className="muted">{collection.data.type}</span>}
        {versions && versions.length > 0 && (
          <span className="muted tn">
            {formatNoun(versions.length, "version")},{" "}
            {formatBytes(versions.reduce((sum, version) => sum + version.n_bytes, 0))}
          </span>
        )}
      </header>
      <div className="artifact-body">
        {collection.data && (
          <>
            <ProseCard
              title="Description"
              text={collection.data.description}
              inherited={newest?.description}
              placeholder="What it is, and when an alias may move"
              foot={
                collection.data.description === "" && newest?.description ? (
                  `Of ${newest.version}, the newest version`
                ) : (
                  <DescribedBy changes={history.data?.changes ?? []} version={null} />
                )
              }
              onSave={mayWrite ? (description) => void edit("description", { description }) : undefined}
            />
            <TagsCard
              tags={collection.data.tags}
              onEdit={mayWrite ? (change) => void edit("tags", change) : undefined}
            />
          </>
        )}
        {begun.length > 0 && (
          <section className="card" aria-label="Being sent">
            <h2>
              Being sent <span className="count tn">{formatCount(begun.length)}</span>
            </h2>
            <ArtifactRows label="Being sent" artifacts={begun} isOneCollection />
          </section>
        )}
        {!versions ? (
          <SkeletonRows n={6} height={34} />
        ) : versions.length > 0 ? (
          <Versions versions={versions} />
        ) : (
          begun.length === 0 && (
            <section className="card" aria-label="Versions">
              <h2>Versions</h2>
              <p className="card-none">All versions were deleted.</p>
            </section>
          )
        )}
        {history.data && history.data.changes.length > 0 && (
          <section className="card" aria-label="History">
            <h2>History</h2>
            <AliasHistory project={project} changes={history.data.changes} />
          </section>
        )}
      </div>
    </section>
  );
}
