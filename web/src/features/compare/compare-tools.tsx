/** The toolbar of a comparison: which runs and rows it shows, and the ways to take it away. */

import { noteExport } from "@/api/runs/run-export";
import type { ProjectRef, Run } from "@/api/types";
import { compareCsv } from "@/data/compare/compare-csv";
import type { CompareRow } from "@/data/compare/compare-runs";
import { formatCount, formatNoun } from "@/data/text/format";
import { MOST_COMPARED } from "@/panels/comparer/use-whole-runs";
import { copyText } from "@/ui/browser/copy-text";
import { saveFile } from "@/ui/browser/save-file";
import { IconButton } from "@/ui/controls/icon-button";
import { Switch } from "@/ui/controls/switch";
import { TextField } from "@/ui/fields/field";
import { attempt } from "@/ui/overlays/toasts";
import { AddRun } from "./add-run";
import { useCompareUrl } from "./compare-url";

interface CompareToolsProps {
  readonly project: ProjectRef;
  readonly rows: readonly CompareRow[];
  readonly runs: readonly Run[];
  readonly ids: readonly string[];
  readonly search: string;
  onSearch(text: string): void;
}

export function CompareTools({ project, rows, runs, ids, search, onSearch }: CompareToolsProps) {
  const [url, change] = useCompareUrl();
  const nDiffer = rows.filter((row) => row.differs).length;
  return (
    <div className="toolbar compare-tools" role="toolbar" aria-label="Compare">
      <h1>Compare</h1>
      <AddRun
        project={project}
        ids={ids}
        isFull={ids.length >= MOST_COMPARED}
        onAdd={(id) => change({ ids: [...url.ids, id] })}
      />
      <Switch
        label="Only differences"
        isLabelVisible
        isOn={!url.hasEqual}
        onChange={(isOn) => change({ hasEqual: !isOn })}
      />
      <TextField
        label="Search keys and values"
        isBare
        placeholder="Search keys and values"
        value={search}
        onChange={onSearch}
      />
      <span className="muted tn" role="status">
        {runs.length > 1 &&
          `${formatCount(nDiffer)} of ${formatNoun(rows.length, "row")} ${nDiffer === 1 ? "differs" : "differ"}`}
      </span>
      <span className="grow" />
      <Switch
        label="Charts"
        isLabelVisible
        isOn={url.hasCharts}
        onChange={(hasCharts) => change({ hasCharts })}
      />
      <IconButton
        icon="link"
        label="Copy link"
        onClick={() => void copyText(window.location.href, "the link to this comparison")}
      />
      <IconButton
        icon="download"
        label="Save as CSV"
        disabled={runs.length === 0}
        onClick={() => {
          const text = compareCsv(
            runs.map(({ name }) => name),
            rows,
          );
          void attempt("Could not save the comparison", async () => {
            await noteExport(project, { kind: "comparison", n_runs: runs.length });
            saveFile(new Blob([text], { type: "text/csv" }), `${project.project}-comparison.csv`);
          });
        }}
      />
    </div>
  );
}
