/** The parts of runs that would go, oldest runs first. */

import { Link } from "@tanstack/react-router";
import type { RetentionPart, RetentionPreview } from "@/api/people/retention";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";

interface RetentionListProps {
  readonly project: ProjectRef;
  readonly preview: RetentionPreview;
}

const WHAT: Readonly<Record<string, string>> = {
  run: "the whole run",
  media: "media",
  console: "console lines",
  files: "files",
};

export function RetentionList({ project, preview }: RetentionListProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="retention-list" tabIndex={0} role="group" aria-label="What would go">
      <table className="data-table">
        <thead>
          <tr>
            <th>Run</th>
            <th className="what">Goes</th>
            <th className="number files">Files</th>
            <th className="number size">Size</th>
            <th className="ended">Ended</th>
          </tr>
        </thead>
        <tbody>
          {preview.parts.map((part) => (
            <PartRow key={`${part.run} ${part.kind}`} project={project} part={part} />
          ))}
        </tbody>
      </table>
      {preview.total > preview.parts.length && (
        <p className="muted">
          The first {formatCount(preview.parts.length)} of {formatNoun(preview.total, "part")}
        </p>
      )}
    </div>
  );
}

function PartRow({ project, part }: { project: ProjectRef; part: RetentionPart }) {
  return (
    <tr>
      <td>
        <Link to="/$entity/$project/runs/$run" params={{ ...project, run: part.run }} className="plain w5">
          <MidName name={part.name} />
        </Link>
      </td>
      <td className="what t2">{WHAT[part.kind] ?? part.kind}</td>
      <td className="number files">{part.n_files > 0 && formatCount(part.n_files)}</td>
      <td className="number size">{formatBytes(part.n_bytes)}</td>
      <td className="ended t2">
        <Ago micros={part.ended_micros} suffix=" ago" />
      </td>
    </tr>
  );
}
