/** The metadata of two versions next to each other; what differs stands first. */

import type { Artifact } from "@/api/artifacts/artifacts";
import type { MetadataRow } from "@/data/artifacts/metadata-diff";
import { formatExactly, formatSigned } from "@/data/text/format";
import { EmptyState } from "@/ui/signs/empty-state";

interface MetadataDiffProps {
  readonly rows: readonly MetadataRow[];
  readonly before: Artifact;
  readonly after: Artifact;
}

export function MetadataDiff({ rows, before, after }: MetadataDiffProps) {
  if (rows.length === 0)
    return (
      <div className="part-main none">
        <EmptyState title="No metadata">Neither version has any.</EmptyState>
      </div>
    );
  return (
    <section className="part-main" aria-label="Metadata">
      <div className="part-body compare-values">
        <table className="data-table" aria-label="Metadata">
          <thead>
            <tr>
              <th>Name</th>
              <th>{nameOf(before, after)}</th>
              <th>{nameOf(after, before)}</th>
              <th className="number more">Difference</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.name} data-same={!row.differs || undefined}>
                <td className="ell" title={row.name}>
                  {row.name}
                </td>
                <Value value={row.before} />
                <Value value={row.after} isChanged={row.differs} />
                <td className="number more t2">{row.difference !== null && formatSigned(row.difference)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Value({ value, isChanged = false }: { value: unknown; isChanged?: boolean }) {
  if (value === undefined)
    return (
      <td>
        <span className="muted">none</span>
      </td>
    );
  const text =
    typeof value === "number"
      ? formatExactly(value)
      : typeof value === "string"
        ? value
        : JSON.stringify(value);
  return (
    <td className={`mono ell ${isChanged ? "new" : ""}`} title={text}>
      {text}
    </td>
  );
}

/** With its collection only where the two are of different ones. */
function nameOf(artifact: Artifact, other: Artifact): string {
  return artifact.name === other.name ? (artifact.version ?? "") : `${artifact.name}:${artifact.version}`;
}
