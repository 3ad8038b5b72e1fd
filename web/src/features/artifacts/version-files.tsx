/**
 * The files of a version, folder by folder. Each can be downloaded.
 */

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type Artifact, type ArtifactFile, artifactFolderQuery } from "@/api/artifacts";
import type { ProjectRef } from "@/api/types";
import { baseName } from "@/data/files/base-name";
import { formatBytes, formatCount, formatNoun } from "@/data/format";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { MidName } from "@/ui/text/mid-name";

export function VersionFiles({ project, artifact }: { project: ProjectRef; artifact: Artifact }) {
  const { folder = "" } = useSearch({ strict: false }) as { folder?: string };
  const navigate = useNavigate();
  const version = artifact.version ?? "latest";
  const query = useQuery(artifactFolderQuery(project, artifact.name, version, folder));
  const open = (next: string) =>
    void navigate({
      to: ".",
      search: { tab: "files", ...(next && { folder: next }) } as never,
      replace: true,
    });
  if (query.isError)
    return (
      <EmptyState icon="warn" title="The files could not be listed">
        {query.error.message}
      </EmptyState>
    );
  if (!query.data) return <SkeletonRows n={8} height={28} />;
  const { folders, files, cursor } = query.data;
  return (
    <div className="artifact-body">
      <section className="card" aria-label="Files">
        <nav className="folder-path" aria-label="Folder">
          <button type="button" className="btn q sm" onClick={() => open("")}>
            {artifact.name}
          </button>
          {folder !== "" &&
            folder.split("/").map((part, nth, parts) => (
              <span key={parts.slice(0, nth + 1).join("/")}>
                <span className="muted">/</span>
                <button
                  type="button"
                  className="btn q sm"
                  onClick={() => open(parts.slice(0, nth + 1).join("/"))}
                >
                  {part}
                </button>
              </span>
            ))}
        </nav>
        <table className="data-table artifact-files" aria-label="Files">
          <thead>
            <tr>
              <th>Name</th>
              <th className="type">Type</th>
              <th className="number size">Size</th>
              <th className="act">
                <span className="sr">Download</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {folders.map(({ name, n_files: nFiles, n_bytes: nBytes }) => (
              <tr key={`folder ${name}`}>
                <td>
                  <span className="row">
                    <Icon name="right" isSmall />
                    <button
                      type="button"
                      className="btn q sm ell"
                      onClick={() => open(folder ? `${folder}/${name}` : name)}
                    >
                      {name}
                    </button>
                  </span>
                </td>
                <td className="muted">{formatNoun(nFiles, "file")}</td>
                <td className="number">{formatBytes(nBytes)}</td>
                <td />
              </tr>
            ))}
            {files.map((file) => (
              <FileRow key={file.path} file={file} />
            ))}
          </tbody>
        </table>
        {cursor && (
          <p className="card-none" role="status">
            The first {formatCount(files.length)} files of this folder. weft.Api lists all.
          </p>
        )}
      </section>
    </div>
  );
}

function FileRow({ file }: { file: ArtifactFile }) {
  const name = baseName(file.path);
  return (
    <tr>
      <td>
        <span className="row">
          <Icon name="file" isSmall />
          {file.url ? (
            <a href={file.url} target="_blank" rel="noreferrer" className="name">
              <MidName name={name} />
            </a>
          ) : (
            <MidName name={name} />
          )}
        </span>
      </td>
      <td className="muted ell" title={file.reference ?? file.media_type}>
        {file.reference ?? file.media_type}
      </td>
      <td className="number">{formatBytes(file.n_bytes)}</td>
      <td className="act">
        {file.url && (
          <a className="btn q ico" href={file.url} download={name} aria-label={`Download ${name}`}>
            <Icon name="download" />
          </a>
        )}
      </td>
    </tr>
  );
}
