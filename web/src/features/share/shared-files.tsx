/** The files that a shared run's script saved, as links. */

import { useQuery } from "@tanstack/react-query";
import { sharedFilesQuery } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";

export function SharedFiles({ project, run }: { project: ProjectRef; run: string }) {
  const { data, error, refetch } = useQuery(sharedFilesQuery(project, run));
  return (
    <section className="card" aria-label="Files">
      <h2>
        Files
        {data && <span className="badge">{formatCount(data.total)}</span>}
      </h2>
      {error && !data ? (
        <Fault title="The files could not be listed" error={error} onRetry={refetch} />
      ) : data === undefined ? (
        <SkeletonRows n={3} label="Loading the files" />
      ) : data.files.length === 0 ? (
        <p className="card-none">The script saved no files.</p>
      ) : (
        <ul className="shared-files">
          {data.files.map(({ path, url, n_bytes }) => (
            <li key={path}>
              <a href={url} target="_blank" rel="noreferrer" className="mono">
                {path}
              </a>
              <span className="muted tn">{formatBytes(n_bytes)}</span>
            </li>
          ))}
        </ul>
      )}
      {data?.cursor && (
        <p className="card-none">
          The first {formatCount(data.files.length)} of {formatNoun(data.total, "file")}
        </p>
      )}
    </section>
  );
}
