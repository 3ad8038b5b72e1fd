/** A file with a table, as CSV or Parquet: its rows, sorted and filtered by the server. */

import { useMemo, useState } from "react";
import type { ShownFile } from "@/api/files/files";
import type { TableWindow } from "@/api/files/tables";
import { formatNoun } from "@/data/text/format";
import { type RowOptions, tableOptions } from "@/panels/table/options";
import type { TableEntry } from "@/panels/table/table-choice";
import { TableView } from "@/panels/table/table-view";
import { EndTools, RowSearch } from "@/panels/table/tools/table-tools";
import { fileItem } from "./file-item";
import { useFileSource } from "./file-source";

const { rows: AS_WRITTEN } = tableOptions({ options: {} });

interface TablePreviewProps {
  readonly file: ShownFile;
  /** Leave out the rows that this table has, too. */
  readonly minus?: TableEntry["minus"];
}

export function TablePreview({ file, minus }: TablePreviewProps) {
  const { project, run, artifact } = useFileSource();
  const [options, setOptions] = useState<RowOptions>(AS_WRITTEN);
  const [head, setHead] = useState<TableWindow | null>(null);
  const entry = useMemo((): TableEntry => {
    const item = fileItem(file, "table");
    return { id: file.path, run, artifact, minus, key: null, step: null, item, label: run.name };
  }, [file, run, artifact, minus]);
  const onOptions = (part: Partial<RowOptions>) => setOptions((before) => ({ ...before, ...part }));
  return (
    <div className="tbl-table file-table">
      <TableView
        project={project}
        entry={entry}
        name={file.path}
        options={options}
        before={
          <>
            <RowSearch options={options} onOptions={onOptions} />
            {head && (
              <span className="muted tn">
                {formatNoun(head.n_rows, "row")}, {formatNoun(head.n_columns, "column")}
              </span>
            )}
          </>
        }
        after={<EndTools columns={head?.columns ?? []} options={options} onOptions={onOptions} />}
        onOptions={onOptions}
        onHead={setHead}
      />
    </div>
  );
}
