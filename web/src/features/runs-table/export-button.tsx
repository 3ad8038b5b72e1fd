/** The button that exports the table as CSV: the columns that are shown, or all there are. */

import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { askMostUsed } from "@/api/runs/columns";
import { noteExport } from "@/api/runs/run-export";
import type { RowsRequest } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { formatCount, formatNoun } from "@/data/text/format";
import { saveFile } from "@/ui/browser/save-file";
import { Button } from "@/ui/controls/button";
import { Menu, MenuItem, MenuLabel } from "@/ui/overlays/menu";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { selectedIds, useSelectedIds } from "../runs/actions/run-selection";
import { exportCsv } from "./csv-export";

/** The server's limit for one table. */
const MOST_COLUMNS = 1000;

interface ExportButtonProps {
  readonly project: ProjectRef;
  readonly request: Omit<RowsRequest, "columns">;
  readonly total: number;
  readonly shown: readonly string[];
  /** Columns that there are, shown or not. */
  readonly nKnown: number;
  /** Runs and columns are those that the page asks for. */
  readonly isKnown: boolean;
}

export function ExportButton({ project, request, total, shown, nKnown, isKnown }: ExportButtonProps) {
  const nAll = Math.min(nKnown, MOST_COLUMNS);
  const allLabel = nAll === nKnown ? "All columns" : "Columns of most runs";
  const nSelected = useSelectedIds(project).size;
  const client = useQueryClient();
  const work = useRef<AbortController | null>(null);
  const [progress, setProgress] = useState<string | null>(null);
  const [escapesFormulas, setEscapesFormulas] = useState(false);
  /** Export these columns; null: all there are, as many as a table can have. */
  const start = async (chosen: readonly string[] | null, onlySelected: boolean) => {
    const own = new AbortController();
    work.current = own;
    const ids = [...selectedIds(project)];
    const these = filterText({ column: "id", op: "in", value: ids });
    setProgress("0 %");
    try {
      const named = chosen ?? (await askMostUsed(project, { signal: own.signal, client })).sort();
      // id and name come first in any case
      const columns = named.filter((column) => column !== "id" && column !== "name");
      const content = await exportCsv(project, {
        request: onlySelected ? { ...request, filter: these, search: "", isRegex: false } : request,
        columns,
        escapesFormulas,
        signal: own.signal,
        onProgress: (nDone, n) => setProgress(`${Math.floor((100 * nDone) / Math.max(1, n))} %`),
      });
      await noteExport(project, { kind: "runs", n_runs: onlySelected ? ids.length : total });
      saveFile(content, `${project.project}-runs.csv`);
      showDone(`Exported ${formatNoun(onlySelected ? ids.length : total, "run")}`);
    } catch (error) {
      if (!own.signal.aborted) showFailed("Could not export", error);
    } finally {
      setProgress(null);
    }
  };
  if (progress !== null) {
    return (
      <Button icon="x" title="Give up the export" onClick={() => work.current?.abort()}>
        <span className="tn">CSV {progress}</span>
      </Button>
    );
  }
  const item = (label: string, columns: readonly string[] | null, onlySelected: boolean) => (
    <MenuItem
      icon="download"
      end={formatCount(columns?.length ?? nAll)}
      onChoose={() => void start(columns, onlySelected)}
    >
      {label}
    </MenuItem>
  );
  return (
    <Menu
      position="bottom-end"
      width={260}
      target={
        <Button icon="download" disabled={!isKnown || total === 0}>
          CSV
        </Button>
      }
    >
      <MenuLabel>{formatNoun(total, "run")}, in this order</MenuLabel>
      {item("Shown columns", shown, false)}
      {item(allLabel, null, false)}
      {nSelected > 0 && (
        <>
          <MenuLabel>{formatNoun(nSelected, "selected run")}</MenuLabel>
          {item("Shown columns", shown, true)}
          {item(allLabel, null, true)}
        </>
      )}
      <MenuLabel>For spreadsheets</MenuLabel>
      <MenuItem
        icon={escapesFormulas ? "check" : undefined}
        staysOpen
        onChoose={() => setEscapesFormulas(!escapesFormulas)}
      >
        Escape formulas
      </MenuItem>
    </Menu>
  );
}
