/** One version: what it is, its files, its lineage. */

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { versionQuery } from "@/api/artifacts/artifacts";
import { ApiError } from "@/api/client";
import type { ProjectRef } from "@/api/types";
import { formatCount } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { LockSign } from "@/ui/signs/lock-sign";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";
import { LinkButton } from "../links/link-button";
import { useRights } from "../use-rights";
import { AliasField } from "./alias-field";
import { LockButton } from "./lock-button";
import { VersionOverview } from "./version-overview";

const VersionCompare = lazy(() => import("./compare/version-compare"));
const VersionFiles = lazy(() => import("./version-files"));
const VersionLineage = lazy(() => import("./version-lineage"));

const TABS = [
  ["overview", "Overview"],
  ["files", "Files"],
  ["compare", "Compare"],
  ["lineage", "Lineage"],
] as const;

interface VersionViewProps {
  readonly project: ProjectRef;
  readonly name: string;
  /** A version or an alias. */
  readonly version: string;
}

export function VersionView({ project, name, version }: VersionViewProps) {
  const query = useQuery(versionQuery(project, name, version));
  const { tab = "overview" } = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const { mayWrite } = useRights(project);
  const artifact = query.data;
  if (query.isError) {
    const isMissing = query.error instanceof ApiError && query.error.status === 404;
    return (
      <section className="part-main none" aria-label={`${name}:${version}`}>
        <EmptyState
          icon="warn"
          title={isMissing ? "There is no such version" : "The version could not be read"}
          action={isMissing ? undefined : <Button onClick={() => void query.refetch()}>Try again</Button>}
        >
          {query.error.message}
        </EmptyState>
      </section>
    );
  }
  const open = (next: string) =>
    void navigate({ to: ".", search: (next === "overview" ? {} : { tab: next }) as never, replace: true });
  const swap = (before: string) =>
    void navigate({
      to: "/$entity/$project/artifacts/$type/$artifact/$version",
      params: { ...project, type: artifact?.type ?? "-", artifact: name, version: before },
      search: { tab: "compare", before: artifact?.version ?? version } as never,
    });
  const path = `${project.entity}/${project.project}/${name}:${artifact?.version ?? version}`;
  return (
    <section className="part-main" aria-label={`${name}:${version}`}>
      <header className="part-head artifact-head">
        <Link
          to="/$entity/$project/artifacts/$type/$artifact"
          params={{ ...project, type: artifact?.type ?? "-", artifact: name }}
          className="btn q ico"
          aria-label="All versions"
          data-tip="All versions"
        >
          <Icon name="left" />
        </Link>
        <h2>
          <MidName name={`${name}:${artifact?.version ?? version}`} />
        </h2>
        {artifact && <LockSign user={artifact.locked_by} micros={artifact.locked_micros} />}
        {artifact && <AliasField project={project} artifact={artifact} isReadOnly={!mayWrite} />}
        <span className="grow" />
        {mayWrite && artifact && !artifact.source && <LockButton project={project} artifact={artifact} />}
        {mayWrite && artifact && <LinkButton artifact={artifact} />}
        <CopyButton text={path} label="Copy the name" isIcon />
      </header>
      <div className="tabs" role="tablist" aria-label="Of this version">
        {TABS.map(([value, label]) => (
          <button
            key={value}
            type="button"
            role="tab"
            aria-selected={value === tab}
            onClick={() => open(value)}
          >
            {label}
            {value === "files" && artifact && (
              <span className="count tn">{formatCount(artifact.n_files)}</span>
            )}
          </button>
        ))}
      </div>
      {!artifact ? (
        <SkeletonRows n={8} height={26} />
      ) : (
        <Suspense fallback={<SkeletonRows n={8} height={26} />}>
          {tab === "files" ? (
            <VersionFiles artifact={artifact} />
          ) : tab === "compare" ? (
            <VersionCompare project={project} artifact={artifact} onSwap={swap} />
          ) : tab === "lineage" ? (
            <VersionLineage project={project} artifact={artifact} />
          ) : (
            <VersionOverview project={project} artifact={artifact} />
          )}
        </Suspense>
      )}
    </section>
  );
}
