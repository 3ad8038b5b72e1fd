/** A version: who logged it, its metadata, and how to use it. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import {
  type Artifact,
  type ArtifactEdit,
  artifactHistoryQuery,
  editVersion,
} from "@/api/artifacts/artifacts";
import type { ProjectRef } from "@/api/types";
import { configValues } from "@/data/compare/compare-runs";
import { filterText } from "@/data/filter/tree";
import { formatBytes, formatCount, formatExact, formatExactly, formatNoun } from "@/data/text/format";
import { Fact, Facts } from "@/ui/cards/facts";
import { ProseCard } from "@/ui/cards/prose-card";
import { CopyButton } from "@/ui/controls/copy-button";
import { attempt } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { LoggedBy } from "../lineage/artifact-rows";
import { LinkedCard } from "../links/linked-card";
import { SourceLink } from "../links/source-link";
import { useRights } from "../use-rights";
import { AliasHistory, DescribedBy } from "./alias-history";
import { TagsCard } from "./tags-card";

export function VersionOverview({ project, artifact }: { project: ProjectRef; artifact: Artifact }) {
  const history = useQuery(artifactHistoryQuery(project, artifact.name));
  const changes = (history.data?.changes ?? []).filter(
    ({ from_version: from, to_version: to }) => from === artifact.version || to === artifact.version,
  );
  const client = useQueryClient();
  const { mayWrite } = useRights(project);
  const edit = async (field: string, change: ArtifactEdit) => {
    await attempt(`change the ${field}`, async () => {
      await editVersion(client, project, artifact.name, artifact.version ?? "latest", change);
    });
  };
  const named = `${artifact.name}:${artifact.version}`;
  return (
    <div className="artifact-body columns">
      <div className="stack">
        <section className="card" aria-label="Version">
          <h2>Version</h2>
          <Facts>
            <Fact name="Type">{artifact.type}</Fact>
            {artifact.source && (
              <>
                <Fact name="Points to">
                  <SourceLink artifact={artifact} />
                </Fact>
                <Fact name="Linked">
                  <Ago micros={artifact.source.linked_micros} suffix=" ago" /> by {artifact.source.linked_by}
                </Fact>
              </>
            )}
            <Fact name="Logged by">
              <LoggedBy artifact={artifact} />
            </Fact>
            <Fact name="Logged">
              <Ago micros={artifact.created_micros} suffix=" ago" />
            </Fact>
            <Fact name="Used by">
              <Link
                to="/$entity/$project/runs"
                params={project}
                search={{ only: filterText({ column: "used", op: "=", value: named }) }}
              >
                Runs that used it
              </Link>
            </Fact>
            <Fact name="Size">
              {formatBytes(artifact.n_bytes)} in {formatNoun(artifact.n_files, "file")}
            </Fact>
            <Fact name="Digest" isMono title={artifact.digest}>
              {artifact.digest.slice(0, 16)}
            </Fact>
            <Fact name="Kept">
              {artifact.links.length > 0
                ? "while a link points to it"
                : artifact.expires_micros === null
                  ? "until it is deleted"
                  : `until ${formatExact(artifact.expires_micros)}`}
            </Fact>
          </Facts>
        </section>
        {artifact.source ? (
          artifact.description && (
            <section className="card" aria-label="Description">
              <h2>Description</h2>
              <p className="card-none">{artifact.description}</p>
            </section>
          )
        ) : (
          <>
            <ProseCard
              title="Description"
              text={artifact.description}
              placeholder="What is in it, what is new"
              foot={<DescribedBy changes={changes} version={artifact.version} />}
              onSave={mayWrite ? (description) => void edit("description", { description }) : undefined}
            />
            <TagsCard
              tags={artifact.tags}
              onEdit={mayWrite ? (change) => void edit("tags", change) : undefined}
            />
            <LinkedCard artifact={artifact} />
          </>
        )}
        {changes.length > 0 && (
          <section className="card" aria-label="History of the version">
            <h2>History</h2>
            <AliasHistory project={project} changes={changes} />
          </section>
        )}
      </div>
      <div className="stack">
        <UseIt artifact={artifact} />
        <Metadata values={artifact.metadata} />
      </div>
    </div>
  );
}

function UseIt({ artifact }: { artifact: Artifact }) {
  const name = `${artifact.name}:${artifact.version ?? "latest"}`;
  const path = `${artifact.entity}/${artifact.project}/${name}`;
  const init = artifact.source ? "weft.init()" : `weft.init(project="${artifact.project}")`;
  const inRun = `run = ${init}\nfolder = run.use_artifact("${artifact.source ? path : name}").download()`;
  const alone = `weft.Api().artifact("${path}").download()`;
  return (
    <section className="card use-it" aria-label="Use it">
      <h2>Use it</h2>
      {[
        ["In a run, so that its lineage knows", inRun],
        ["Without a run", alone],
      ].map(([title = "", code = ""]) => (
        <figure key={title}>
          <figcaption className="meta">{title}</figcaption>
          <pre className="mono">{code}</pre>
          <CopyButton text={code} label={`Copy: ${title}`} isIcon />
        </figure>
      ))}
    </section>
  );
}

function Metadata({ values }: { values: Readonly<Record<string, unknown>> }) {
  const leaves = [...configValues(values)];
  return (
    <section className="card" aria-label="Metadata">
      <h2>
        Metadata <span className="count tn">{formatCount(leaves.length)}</span>
      </h2>
      {leaves.length === 0 ? (
        <p className="card-none">This version has no metadata.</p>
      ) : (
        <Facts>
          {leaves.map(([name, value]) => (
            <Fact key={name} name={name} isMono title={textOf(value)}>
              {textOf(value)}
            </Fact>
          ))}
        </Facts>
      )}
    </section>
  );
}

function textOf(value: unknown): string {
  if (typeof value === "number") return formatExactly(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}
