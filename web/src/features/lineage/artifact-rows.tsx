/** A table of versions: what each is called, its size, and when it was logged. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { formatBytes, formatCount } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { Tag } from "@/ui/text/tag";
import "./lineage.css";

interface ArtifactRowsProps {
  readonly label: string;
  readonly artifacts: readonly Artifact[];
  /** Versions of one collection need not say its name and type in each row. */
  readonly isOneCollection?: boolean;
}

export function ArtifactRows({ label, artifacts, isOneCollection = false }: ArtifactRowsProps) {
  return (
    <table className="data-table artifact-rows" aria-label={label}>
      <thead>
        <tr>
          <th>Version</th>
          {!isOneCollection && <th className="type">Type</th>}
          {isOneCollection && <th className="by">Logged by</th>}
          <th className="number files">Files</th>
          <th className="number size">Size</th>
          <th className="number when">Logged</th>
        </tr>
      </thead>
      <tbody>
        {artifacts.map((artifact) => (
          <tr key={`${artifact.name} ${artifact.version} ${artifact.created_micros}`}>
            <td>
              <span className="row">
                <VersionLink artifact={artifact} isShort={isOneCollection} />
                <VersionState artifact={artifact} />
                {artifact.version !== null && artifact.aliases.map((alias) => <Tag key={alias}>{alias}</Tag>)}
              </span>
            </td>
            {!isOneCollection && <td className="type">{artifact.type}</td>}
            {isOneCollection && (
              <td className="by">
                <LoggedBy artifact={artifact} />
              </td>
            )}
            <td className="number files">{formatCount(artifact.n_files)}</td>
            <td className="number">{formatBytes(artifact.n_bytes)}</td>
            <td className="number t2">
              <Ago micros={artifact.created_micros} suffix=" ago" />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function VersionLink({ artifact, isShort }: { artifact: Artifact; isShort: boolean }): ReactNode {
  const { entity, project, name, type, version } = artifact;
  if (version === null) return <MidName name={name} />;
  return (
    <Link
      to="/$entity/$project/artifacts/$type/$artifact/$version"
      params={{ entity, project, type, artifact: name, version }}
      className="name"
    >
      <MidName name={isShort ? version : `${name}:${version}`} />
    </Link>
  );
}

/** Why it has no version yet. */
function VersionState({ artifact }: { artifact: Artifact }) {
  if (artifact.state === "failed")
    return (
      <span className="flag wrn ell" title={artifact.error ?? undefined}>
        not stored: {artifact.error}
      </span>
    );
  if (artifact.state === "part") return <span className="flag">a part of a version</span>;
  return artifact.version === null ? <span className="flag">being sent</span> : null;
}

export function LoggedBy({ artifact }: { artifact: Artifact }) {
  const run = artifact.logged_by;
  if (!run) return <span className="muted">a deleted run</span>;
  return (
    <Link
      to="/$entity/$project/runs/$run"
      params={{ entity: run.entity, project: run.project, run: run.id }}
      className="plain ell"
    >
      <MidName name={run.name} />
    </Link>
  );
}
