/**
 * A collection of a registry: which version each stage is at, since when and by whom; its versions; all moves.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  type Artifact,
  type ArtifactChange,
  artifactHistoryQuery,
  versionsQuery,
} from "@/api/artifacts/artifacts";
import { type Registry, registryRef } from "@/api/artifacts/registries";
import { formatBytes, formatCount } from "@/data/text/format";
import { CopyButton } from "@/ui/controls/copy-button";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { SourceLink } from "../../links/source-link";
import { AliasField } from "../alias-field";
import { AliasHistory } from "../alias-history";
import { Stage } from "./stage";

const LATEST = "latest";

export function RegistryCollection({ registry, name }: { registry: Registry; name: string }) {
  const project = registryRef(registry.name);
  const query = useQuery(versionsQuery(project, name));
  const history = useQuery(artifactHistoryQuery(project, name));
  const versions = query.data?.versions;
  const changes = history.data?.changes ?? [];
  return (
    <section className="part-main" aria-label={name}>
      <header className="part-head artifact-head">
        <Icon name="box" isSmall />
        <h2>
          <MidName name={name} />
        </h2>
        {versions?.[0] && <span className="muted">{versions[0].type}</span>}
        <span className="grow" />
        <CopyButton text={`registry/${registry.name}/${name}`} label="Copy the name" isIcon />
      </header>
      <div className="artifact-body">
        {query.isError ? (
          <Fault title="The versions could not be listed" error={query.error} />
        ) : (
          <>
            {versions && <Stages registry={registry} versions={versions} changes={changes} />}
            <section className="card" aria-label="Versions">
              <h2>Versions {versions && <span className="count tn">{formatCount(versions.length)}</span>}</h2>
              {!versions ? (
                <SkeletonRows n={6} height={30} />
              ) : versions.length === 0 ? (
                <p className="card-none">All versions were unlinked.</p>
              ) : (
                <Versions registry={registry} versions={versions} />
              )}
            </section>
            {changes.length > 0 && (
              <section className="card" aria-label="History">
                <h2>History</h2>
                <AliasHistory changes={changes} />
              </section>
            )}
          </>
        )}
      </div>
    </section>
  );
}

interface StagesProps {
  readonly registry: Registry;
  readonly versions: readonly Artifact[];
  readonly changes: readonly ArtifactChange[];
}

function Stages({ registry, versions, changes }: StagesProps) {
  const at = new Map(
    versions.flatMap((version) => version.aliases.map((alias) => [alias, version] as const)),
  );
  const stages = [...at.keys()].filter((alias) => alias !== LATEST).sort();
  if (stages.length === 0) return null;
  return (
    <section className="card" aria-label="Stages">
      <h2>Stages</h2>
      <table className="data-table registry-stages" aria-label="Stages">
        <tbody>
          {stages.map((alias) => {
            const artifact = at.get(alias);
            const moved = changes.find(
              (event) => event.alias === alias && event.to_version === artifact?.version,
            );
            return (
              <tr key={alias}>
                <td className="alias">
                  <Stage
                    alias={alias}
                    version={null}
                    isProtected={registry.protected_aliases.includes(alias)}
                  />
                </td>
                <td className="at">{artifact && <VersionLink artifact={artifact} />}</td>
                <td>{artifact && <SourceLink artifact={artifact} />}</td>
                <td className="t2 ell">{moved && `by ${moved.user}`}</td>
                <td className="number t2 when">
                  {moved && <Ago micros={moved.changed_micros} suffix=" ago" />}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Versions({ registry, versions }: { registry: Registry; versions: readonly Artifact[] }) {
  const locked = registry.role === "admin" ? [] : registry.protected_aliases;
  return (
    <table className="data-table registry-versions" aria-label="Versions">
      <thead>
        <tr>
          <th className="version">Version</th>
          <th className="stages">Aliases</th>
          <th>Points to</th>
          <th className="by">Linked by</th>
          <th className="number few">Size</th>
          <th className="number when">Linked</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((artifact) => (
          <tr key={artifact.version}>
            <td>
              <VersionLink artifact={artifact} />
            </td>
            <td>
              <AliasField
                project={registryRef(registry.name)}
                artifact={artifact}
                locked={locked}
                isReadOnly={registry.role === "viewer"}
              />
            </td>
            <td>
              <SourceLink artifact={artifact} />
            </td>
            <td className="t2 ell">{artifact.source?.linked_by}</td>
            <td className="number">{formatBytes(artifact.n_bytes)}</td>
            <td className="number t2">
              {artifact.source && <Ago micros={artifact.source.linked_micros} suffix=" ago" />}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function VersionLink({ artifact }: { artifact: Artifact }) {
  const { project: registry, name, type, version } = artifact;
  return (
    <Link
      to="/registry/$registry/artifacts/$type/$artifact/$version"
      params={{ registry, type, artifact: name, version: version ?? LATEST }}
      className="name"
    >
      {version}
    </Link>
  );
}
