/** A version next to another one of its collection: which files differ and how, and the metadata. */

import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  type Artifact,
  type ArtifactDiff,
  artifactDiffQuery,
  type ChangedFile,
  versionsQuery,
} from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { metadataDiff } from "@/data/artifacts/metadata-diff";
import { versionBefore } from "@/data/artifacts/versions";
import { formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Checkbox } from "@/ui/controls/checkbox";
import { IconButton } from "@/ui/controls/icon-button";
import { useSettled } from "@/ui/hooks/use-settled";
import { SideList } from "@/ui/parts/side-list";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { ChangedFileView } from "./changed-file";
import { useCompareUrl } from "./compare-url";
import { MetadataDiff } from "./metadata-diff";
import { VersionPicker } from "./version-picker";
import "./compare.css";

interface VersionCompareProps {
  readonly project: ProjectRef;
  readonly artifact: Artifact;
  /** Compares the other way round. */
  onSwap(before: string): void;
}

export default function VersionCompare({ project, artifact, onSwap }: VersionCompareProps) {
  const { name } = artifact;
  const version = artifact.version ?? "latest";
  const [url, change] = useCompareUrl();
  const versions = useQuery(versionsQuery(project, name));
  const listed = versions.data?.versions ?? [];
  const before = url.before || (versionBefore(listed, version)?.version ?? "");
  const search = useSettled(url.find);
  const query = useQuery({
    ...artifactDiffQuery(project, name, version, {
      before,
      change: url.showsSame ? "all" : "different",
      search,
    }),
    enabled: before !== "",
  });
  if (versions.isPending) return <SkeletonRows n={8} height={28} />;
  if (versions.isError && before === "")
    return (
      <Fault title="The versions could not be listed" error={versions.error} onRetry={versions.refetch} />
    );
  if (before === "")
    return (
      <div className="part-main none">
        <EmptyState title="Nothing to compare with">This is the only version of {name}.</EmptyState>
      </div>
    );
  return (
    <section className="compare-versions" aria-label="Comparison">
      <div className="compare-bar">
        <span className="muted">Differences to</span>
        <VersionPicker
          versions={listed.filter((other) => other.version !== version)}
          chosen={before}
          onChoose={(next) => change({ before: next, file: "" })}
        />
        <IconButton icon="swap" label="Compare the other way round" onClick={() => onSwap(before)} />
        {query.data?.counts && <Counts counts={query.data.counts} />}
        <span className="grow" />
        <Checkbox
          label="Files that are the same, too"
          isOn={url.showsSame}
          onChange={(showsSame) => change({ showsSame })}
        >
          Same files, too
        </Checkbox>
      </div>
      {query.isError ? (
        <Fault title="The versions could not be compared" error={query.error} onRetry={query.refetch} />
      ) : query.data ? (
        <Compared diff={query.data} url={url} change={change} />
      ) : (
        <SkeletonRows n={8} height={28} />
      )}
    </section>
  );
}

function Counts({ counts }: { counts: NonNullable<ArtifactDiff["counts"]> }) {
  return (
    <span className="compare-counts tn" role="status">
      {(["added", "changed", "removed", "same"] as const)
        .filter((kind) => counts[kind] > 0)
        .map((kind) => (
          <span key={kind} className={`change ${kind}`}>
            {formatCount(counts[kind])} {kind}
          </span>
        ))}
    </span>
  );
}

interface ComparedProps {
  readonly diff: ArtifactDiff;
  readonly url: ReturnType<typeof useCompareUrl>[0];
  readonly change: ReturnType<typeof useCompareUrl>[1];
}

function Compared({ diff, url, change }: ComparedProps) {
  const { before, after, files, cursor } = diff;
  const [typed, setTyped] = useState(url.find);
  const rows = useMemo(() => files.map(rowOf), [files]);
  const metadata = useMemo(() => metadataDiff(before.metadata, after.metadata), [before, after]);
  const nDifferent = metadata.filter((row) => row.differs).length;
  // of versions without metadata the files are what there is to see
  const file = url.file || (metadata.length === 0 ? (files[0]?.path ?? "") : "");
  const chosen = files.find(({ path }) => path === file) ?? null;
  return (
    <div className="parts">
      <div className="part-side">
        <div className="part-head">
          <CardSearch
            label="Search files"
            value={typed}
            onChange={(text) => {
              setTyped(text);
              change({ find: text.trim() });
            }}
          />
        </div>
        <button
          type="button"
          className="compare-metadata"
          aria-pressed={file === ""}
          onClick={() => change({ file: "" })}
        >
          <Icon name="tag" isSmall />
          <span>Metadata</span>
          <span className={nDifferent > 0 ? "late change changed" : "late muted"}>
            {nDifferent > 0 ? `${formatCount(nDifferent)} changed` : "same"}
          </span>
        </button>
        {rows.length === 0 ? (
          <p className="card-none" role="status">
            {url.find ? `No path has ${url.find}.` : "The files are the same."}
          </p>
        ) : (
          <SideList
            label="Files that differ"
            rows={rows}
            chosen={file}
            onChoose={(file) => change({ file })}
          />
        )}
        <footer className="part-foot muted tn">
          {cursor === null
            ? formatNoun(files.length, "file")
            : `The first ${formatNoun(files.length, "file")}; the search finds the others`}
        </footer>
      </div>
      {file === "" ? (
        <MetadataDiff rows={metadata} before={before} after={after} />
      ) : chosen ? (
        <ChangedFileView
          key={`${before.version} ${chosen.path}`}
          file={chosen}
          before={before}
          after={after}
        />
      ) : (
        <div className="part-main none">
          <EmptyState icon="file" title="Not listed">
            {file} is not among the listed files.
          </EmptyState>
        </div>
      )}
    </div>
  );
}

function rowOf({ path, change }: ChangedFile) {
  return {
    name: path,
    icon: "file" as const,
    note: <span className={`change ${change}`}>{change}</span>,
  };
}
