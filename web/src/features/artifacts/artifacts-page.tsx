/**
 * The artifacts of a project: collections by type at the left, the chosen one next to them.
 */

import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { type Collection, collectionsQuery } from "@/api/artifacts";
import { ApiError } from "@/api/client";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Button } from "@/ui/controls/button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { tellPageStatus } from "../page-status";
import { CollectionView } from "./collection-view";
import { VersionView } from "./version-view";
import "@/ui/parts/parts.css";
import "./artifacts.css";

type Params = { entity: string; project: string; artifact?: string; version?: string };

export function ArtifactsPage() {
  const params: Params = useParams({ strict: false }) as Params;
  const { entity, project, artifact = null, version = null } = params;
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const query = useQuery(collectionsQuery(ref));
  const title = artifact === null ? "Artifacts" : version === null ? artifact : `${artifact}:${version}`;
  useEffect(() => tellPageStatus({ title }), [title]);
  if (query.isError && !query.data) {
    const isMissing = query.error instanceof ApiError && query.error.status === 404;
    return (
      <PageProblem
        icon="warn"
        title={isMissing ? "There is no such project" : "The artifacts could not be listed"}
      >
        <span>{isMissing ? `${entity} / ${project} was not found.` : query.error.message}</span>
        <Button isSmall onClick={() => void query.refetch()}>
          Try again
        </Button>
      </PageProblem>
    );
  }
  const collections = query.data?.collections;
  if (collections?.length === 0)
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
  return (
    <main className="artifacts parts" aria-label="Artifacts">
      <Collections project={ref} collections={collections ?? null} chosen={artifact} />
      {artifact === null ? (
        <div className="part-main none">
          <EmptyState title="Choose an artifact">Its versions are shown here.</EmptyState>
        </div>
      ) : version === null ? (
        <CollectionView key={artifact} project={ref} name={artifact} />
      ) : (
        <VersionView key={`${artifact}:${version}`} project={ref} name={artifact} version={version} />
      )}
    </main>
  );
}

interface CollectionsProps {
  readonly project: ProjectRef;
  /** null: they are being asked for. */
  readonly collections: readonly Collection[] | null;
  readonly chosen: string | null;
}

function Collections({ project, collections, chosen }: CollectionsProps) {
  const [typed, setTyped] = useState("");
  const find = typed.trim().toLowerCase();
  const shown = (collections ?? []).filter(({ name }) => name.toLowerCase().includes(find));
  const types = [...new Set(shown.map(({ type }) => type))].sort();
  return (
    <div className="part-side">
      <div className="part-head">
        <CardSearch label="Search artifacts" value={typed} onChange={setTyped} />
      </div>
      {collections === null ? (
        <SkeletonRows n={8} height={28} />
      ) : (
        <nav className="part-rows artifact-list" aria-label="Artifacts">
          {types.map((type) => {
            const ofType = shown.filter((one) => one.type === type);
            return (
              <section key={type} aria-label={type}>
                <h2 className="meta">
                  <span className="ell">{type}</span>
                  <span className="tn">{formatCount(ofType.length)}</span>
                </h2>
                {ofType.map(({ name, latest }) => (
                  <Link
                    key={name}
                    to="/$entity/$project/artifacts/$type/$artifact"
                    params={{ ...project, type, artifact: name }}
                    className="artifact-row plain"
                    aria-current={name === chosen ? "page" : undefined}
                  >
                    <Icon name="box" isSmall />
                    <MidName name={name} />
                    <span className="muted tn">{latest?.version ?? "deleted"}</span>
                  </Link>
                ))}
              </section>
            );
          })}
          {find !== "" && shown.length === 0 && (
            <p className="card-none">No artifact has {typed} in its name.</p>
          )}
        </nav>
      )}
      {collections && (
        <footer className="part-foot muted tn">{formatNoun(collections.length, "artifact")}</footer>
      )}
    </div>
  );
}
