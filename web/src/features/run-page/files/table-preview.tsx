/**
 * A file with a table, as CSV or Parquet: its rows, sorted and filtered by the server.
 */

import { useMemo, useState } from "react";
import type { StoredFile } from "@/api/files";
import type { TableWindow } from "@/api/tables";
import { formatNoun } from "@/data/format";
import { type RowOptions, tableOptions } from "@/panels/table/options";
import type { TableEntry } from "@/panels/table/table-choice";
import { EndTools, RowSearch } from "@/panels/table/table-tools";
import { TableView } from "@/panels/table/table-view";
import { useShownRun } from "../shown-run";
import { fileItem } from "./file-item";

const { rows: AS_WRITTEN } = tableOptions({ options: {} });

export function TablePreview({ file }: { file: StoredFile }) {
  const { project, run } = useShownRun();
  const [options, setOptions] = useState<RowOptions>(AS_WRITTEN);
  const [head, setHead] = useState<TableWindow | null>(null);
  const { id, name, color, state } = run;
  const entry = useMemo((): TableEntry => {
    const shown = { id, name, color, isLive: state === "running" };
    return { id: file.path, run: shown, key: null, step: null, item: fileItem(file, "table"), label: name };
  }, [file, id, name, color, state]);
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
