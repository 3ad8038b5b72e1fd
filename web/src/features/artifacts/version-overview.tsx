/**
 * What a version is: who logged it, its metadata, and how to use it.
 */

import { useQuery } from "@tanstack/react-query";
import { type Artifact, artifactHistoryQuery } from "@/api/artifacts";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatExact, formatExactly, formatNoun } from "@/data/format";
import { Fact, Facts } from "@/ui/cards/facts";
import { CopyButton } from "@/ui/controls/copy-button";
import { Ago } from "@/ui/text/ago";
import { Tag } from "@/ui/text/tag";
import { LoggedBy } from "../lineage/artifact-rows";
import { AliasHistory } from "./alias-history";

export function VersionOverview({ project, artifact }: { project: ProjectRef; artifact: Artifact }) {
  const history = useQuery(artifactHistoryQuery(project, artifact.name));
  const changes = (history.data?.changes ?? []).filter(
    ({ from_version: from, to_version: to }) => from === artifact.version || to === artifact.version,
  );
  return (
    <div className="artifact-body columns">
      <div className="stack">
        <section className="card" aria-label="Version">
          <h2>Version</h2>
          <Facts>
            <Fact name="Type">{artifact.type}</Fact>
            <Fact name="Logged by">
              <LoggedBy artifact={artifact} />
            </Fact>
            <Fact name="Logged">
              <Ago micros={artifact.created_micros} suffix=" ago" />
            </Fact>
            <Fact name="Size">
              {formatBytes(artifact.n_bytes)} in {formatNoun(artifact.n_files, "file")}
            </Fact>
            <Fact name="Digest" isMono title={artifact.digest}>
              {artifact.digest.slice(0, 16)}
            </Fact>
            <Fact name="Kept">
              {artifact.expires_micros === null
                ? "until it is deleted"
                : `until ${formatExact(artifact.expires_micros)}`}
            </Fact>
            {artifact.tags.length > 0 && (
              <Fact name="Tags">
                <span className="row">
                  {artifact.tags.map((tag) => (
                    <Tag key={tag}>{tag}</Tag>
                  ))}
                </span>
              </Fact>
            )}
          </Facts>
        </section>
        {artifact.description && (
          <section className="card" aria-label="Description">
            <h2>Description</h2>
            <p className="artifact-text">{artifact.description}</p>
          </section>
        )}
        {changes.length > 0 && (
          <section className="card" aria-label="Alias history">
            <h2>Aliases moved</h2>
            <AliasHistory changes={changes} />
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
  const inRun = `run = weft.init(project="${artifact.project}")\nfolder = run.use_artifact("${name}").download()`;
  const alone = `weft.Api().artifact("${artifact.entity}/${artifact.project}/${name}").download()`;
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
  const names = Object.keys(values);
  return (
    <section className="card" aria-label="Metadata">
      <h2>
        Metadata <span className="count tn">{names.length}</span>
      </h2>
      {names.length === 0 ? (
        <p className="card-none">This version has no metadata.</p>
      ) : (
        <Facts>
          {names.map((name) => (
            <Fact key={name} name={name} isMono title={textOf(values[name])}>
              {textOf(values[name])}
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
