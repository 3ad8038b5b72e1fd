/** The versions of one artifact: a chart of one value of their metadata, and a table with some as columns. */

import { useMemo } from "react";
import type { Artifact } from "@/api/artifacts/artifacts";
import { firstColumns, firstDrawn, metadataColumns, versionRows } from "@/data/artifacts/version-columns";
import { formatCount } from "@/data/text/format";
import { ColumnsButton } from "@/ui/parts/columns-button";
import { VersionsChart } from "./versions-chart";
import { VersionsTable } from "./versions-table";
import { useVersionsUrl } from "./versions-url";
import "./versions.css";

export function Versions({ versions }: { versions: readonly Artifact[] }) {
  const [url, change] = useVersionsUrl();
  const rows = useMemo(() => versionRows(versions), [versions]);
  const available = useMemo(() => metadataColumns(rows), [rows]);
  const columns = useMemo(
    () =>
      (url.columns ?? firstColumns(available)).filter((name) =>
        available.some((column) => column.name === name),
      ),
    [url.columns, available],
  );
  const numbers = available.filter(({ isNumber }) => isNumber);
  const drawn = numbers.find(({ name }) => name === url.drawn)?.name ?? firstDrawn(available);
  return (
    <>
      {drawn !== null && versions.length > 1 && (
        <VersionsChart
          rows={rows}
          drawn={drawn}
          names={numbers.map(({ name }) => name)}
          onDraw={(name) => change({ drawn: name })}
        />
      )}
      <section className="card versions-card" aria-label="Versions">
        <h2>
          Versions <span className="count tn">{formatCount(versions.length)}</span>
          <span className="grow" />
          {available.length > 0 && (
            <ColumnsButton
              label="Metadata"
              columns={available.map(({ name }) => ({ id: name, name }))}
              shown={columns}
              onShown={(shown) => change({ columns: shown })}
            />
          )}
        </h2>
        <VersionsTable
          rows={rows}
          columns={available.filter(({ name }) => columns.includes(name))}
          sort={url.sort}
          onSort={(sort) => change({ sort })}
        />
      </section>
    </>
  );
}
