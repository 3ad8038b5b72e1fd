/** One table: how many rows pass, the rows in view, and a cell over the page. */

import { lazy, type ReactNode, Suspense, useEffect, useMemo, useState } from "react";
import type { TableWindow } from "@/api/files/tables";
import type { ProjectRef } from "@/api/types";
import { formatBytes, formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Icon } from "@/ui/signs/icons";
import { MediaState } from "../media/grid/media-cell";
import { mediaOptions } from "../media/options";
import { CellDialog, type OpenCell } from "./cells/cell-dialog";
import { titledColumns } from "./joined";
import { isNarrowed, type RowOptions } from "./options";
import type { TableEntry } from "./table-choice";
import { TableRows } from "./table-rows";
import { ClearButton } from "./tools/table-tools";
import { useTableHead } from "./use-table-head";
import "../media/media.css";
import "./table.css";

interface TableViewProps {
  readonly project: ProjectRef;
  readonly entry: TableEntry;
  /** Of the panel. */
  readonly step?: number | null;
  /** The run or the step of the table, and of the one that is joined with it; null: none is. */
  readonly own?: string;
  readonly joined?: string | null;
  readonly name: string;
  readonly options: RowOptions;
  /** Before and after the number of rows that pass. */
  readonly before: ReactNode;
  readonly after?: ReactNode;
  /** Changes what is shown; changes of one name in a row undo as one. */
  onOptions(part: Partial<RowOptions>, name: string): void;
  /** Handler of the facts of all rows, when they are known. Stable. */
  onHead?(head: TableWindow | null): void;
}

const MediaViewer = lazy(async () => ({
  default: (await import("../media/viewer/media-viewer")).MediaViewer,
}));
const TablePlot = lazy(() => import("./plot/table-plot"));
const NO_STEPS: readonly number[] = [];

export function TableView(props: TableViewProps) {
  const { project, entry, step = null, own = "", joined: right = null, name, options } = props;
  const { before, after, onOptions, onHead } = props;
  const { run, item, union } = entry;
  const unionRuns = useMemo(() => union?.map(({ label, run }) => ({ label, run })) ?? [], [union]);
  const { filters } = options;
  const [open, setOpen] = useState<OpenCell | null>(null);
  const { held, isLate, error, onRetry } = useTableHead(project, entry, step, options);
  const joined = useMemo(() => (right === null ? null : { left: own, right }), [own, right]);
  const window = useMemo(() => {
    const heldWindow = held?.window;
    return heldWindow && joined !== null
      ? { ...heldWindow, columns: titledColumns(heldWindow.columns, joined) }
      : heldWindow;
  }, [held, joined]);
  const shownHead = item === null ? null : (window ?? null);
  useEffect(() => onHead?.(shownHead), [shownHead, onHead]);
  if (item === null) return <Said before={before}>Nothing up to this step</Said>;
  if (item.file.state !== "stored")
    return (
      <Said before={before}>
        <MediaState item={item} run={run} />
      </Said>
    );
  const clear = isNarrowed(options) && <ClearButton options={options} onOptions={onOptions} />;
  return (
    <>
      <div className="tbl-tools">
        {before}
        <span className="muted tn" role="status">
          {window && !isLate && countText(window, options.group !== null, isNarrowed(options))}
        </span>
        {window && (
          <Flags window={window} isLive={(entry.union ?? [entry]).some((table) => table.run.isLive)} />
        )}
        {error && window && (
          <span className="tbl-error ell" role="alert" title={error.message}>
            {error.message}
          </span>
        )}
        {after}
      </div>
      {held && window && options.plot ? (
        <Suspense>
          <TablePlot
            project={project}
            hash={held.hash}
            request={held.request}
            name={name}
            head={window}
            runs={unionRuns}
            plot={options.plot}
            onPlot={(plot) => onOptions({ plot }, "plot")}
          />
        </Suspense>
      ) : held && window ? (
        <TableRows
          project={project}
          hash={held.hash}
          request={held.request}
          name={name}
          head={window}
          isLate={isLate}
          runs={unionRuns}
          joined={joined}
          options={options}
          nothing={
            clear ? (
              <>
                <span>{filters.length === 0 ? "No row contains this" : "No row passes the filters"}</span>
                {clear}
              </>
            ) : (
              "The table has no rows"
            )
          }
          onOptions={onOptions}
          onOpen={setOpen}
        />
      ) : error ? (
        <div className="tbl-say media-say" role="alert">
          <Icon name="warn" isSmall />
          <span className="media-why">{error.message}</span>
          {clear}
          <Button isSmall onClick={onRetry}>
            Try again
          </Button>
        </div>
      ) : (
        <div className="tbl-say media-say">
          <span role="status">
            Reading the table{item.file.n_bytes > 0 && `, ${formatBytes(item.file.n_bytes)}`}
          </span>
        </div>
      )}
      {open?.is === "text" && held && (
        <CellDialog
          project={project}
          hash={held.hash}
          request={held.request}
          cell={open}
          onClose={() => setOpen(null)}
        />
      )}
      {open?.is === "media" && (
        <Suspense>
          <MediaViewer
            groups={[
              {
                run: unionRuns.find(({ run: { id } }) => id === open.run)?.run ?? run,
                key: open.title,
                step: entry.step,
                items: open.items,
                nItems: open.items.length,
              },
            ]}
            spot={{ group: 0, item: open.index }}
            options={MEDIA_LOOK}
            steps={NO_STEPS}
            at={0}
            onSpot={(spot) => setOpen(spot && { ...open, index: spot.item })}
            onPlace={() => undefined}
          />
        </Suspense>
      )}
    </>
  );
}

/** Number of rows that pass, or of the groups they make. Empty: all rows are shown. */
function countText({ total, n_rows }: TableWindow, isGrouped: boolean, isPart: boolean): string {
  const rows = formatNoun(n_rows, "row");
  if (isGrouped) return isPart ? formatNoun(total, "group") : `${formatNoun(total, "group")} of ${rows}`;
  return isPart ? `${formatCount(total)} of ${rows}` : "";
}

const MEDIA_LOOK = mediaOptions({ options: {} });

/** The missing part of the table. */
function Flags({ window, isLive }: { window: TableWindow; isLive: boolean }) {
  return (
    <>
      {window.state !== "stored" && (
        <span className="flag wrn" title={window.error ?? undefined}>
          {window.state === "awaited"
            ? isLive
              ? "more rows are being sent"
              : "some rows were not sent"
            : "rows are missing"}
        </span>
      )}
      {window.columns.length < window.n_columns && (
        <span className="flag neu">
          first {formatCount(window.columns.length)} of {formatNoun(window.n_columns, "column")}
        </span>
      )}
    </>
  );
}

function Said({ before, children }: { before: ReactNode; children: ReactNode }) {
  return (
    <>
      {before && <div className="tbl-tools">{before}</div>}
      <div className="tbl-say media-say">{children}</div>
    </>
  );
}
