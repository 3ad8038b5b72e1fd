/**
 * One table: search and sort, the rows in view, and a cell over the page.
 */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useEffect, useState } from "react";
import { fileVersion } from "@/api/media";
import { followingTableQuery, type TableSort } from "@/api/tables";
import type { ProjectRef } from "@/api/types";
import { formatCount, formatNoun } from "@/data/format";
import { Button } from "@/ui/controls/button";
import { Icon } from "@/ui/signs/icons";
import { MediaState } from "../media/media-cell";
import { MediaViewer } from "../media/media-viewer";
import { mediaOptions } from "../media/options";
import { CellDialog, type OpenCell } from "./cell-dialog";
import type { TableEntry } from "./table-choice";
import { TableRows } from "./table-rows";
import { PIECE_ROWS } from "./use-pieces";
import "../media/media.css";
import "./table.css";

interface TableViewProps {
  readonly project: ProjectRef;
  readonly entry: TableEntry;
  readonly name: string;
  /** Chooses another table. */
  readonly choice: ReactNode;
  /** How many rows the table has, when it is known. Stable. */
  onRows(nRows: number | null): void;
}

/** A refetch at most so often while a user types. */
const NO_STEPS: readonly number[] = [];

export function TableView({ project, entry, name, choice, onRows }: TableViewProps) {
  const { run, item } = entry;
  const [typed, setTyped] = useState("");
  const [sort, setSort] = useState<TableSort | null>(null);
  const [open, setOpen] = useState<OpenCell | null>(null);
  const search = useDeferredValue(typed);
  const path = item?.file.path ?? "";
  const hash = item ? fileVersion(item.file) : "";
  const asked = { run: run.id, path, join: item?.join ?? null, sort, search };
  const head = useQuery({
    ...followingTableQuery(project, hash, { ...asked, offset: 0, limit: PIECE_ROWS }),
    enabled: item !== null && item.file.state === "stored",
  });
  const window = head.data;
  const nRows = item === null ? null : (window?.n_rows ?? null);
  useEffect(() => onRows(nRows), [nRows, onRows]);
  if (item === null) return <Said choice={choice}>Nothing up to this step</Said>;
  if (item.file.state !== "stored")
    return (
      <Said choice={choice}>
        <MediaState item={item} run={run} />
      </Said>
    );
  return (
    <>
      <div className="tbl-tools">
        {choice}
        <div className="inp sm tbl-search">
          <Icon name="search" isSmall />
          <input
            type="text"
            placeholder="Search rows"
            aria-label="Search rows"
            spellCheck={false}
            autoComplete="off"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== "Escape") return;
              if (typed) event.stopPropagation();
              setTyped("");
            }}
          />
        </div>
        <span className="muted tn" role="status">
          {search !== "" && window && !head.isPlaceholderData && `${formatNoun(window.total, "row")} found`}
        </span>
        {window && window.state !== "stored" && (
          <span className="flag wrn" title={window.error ?? undefined}>
            {window.state === "awaited"
              ? run.isLive
                ? "more rows are being sent"
                : "some rows were not sent"
              : "rows are missing"}
          </span>
        )}
        {window && window.columns.length < window.n_columns && (
          <span className="flag neu">
            first {formatCount(window.columns.length)} of {formatNoun(window.n_columns, "column")}
          </span>
        )}
      </div>
      {head.error && !window ? (
        <div className="tbl-say media-say" role="alert">
          <Icon name="warn" isSmall />
          <span className="media-why">{head.error.message}</span>
          <Button isSmall onClick={() => void head.refetch()}>
            Try again
          </Button>
        </div>
      ) : window && window.total > 0 ? (
        <TableRows
          // another order or search begins at the top
          key={JSON.stringify([search, sort])}
          project={project}
          hash={hash}
          asked={asked}
          name={name}
          head={window}
          isLate={head.isPlaceholderData}
          sort={sort}
          onSort={setSort}
          onOpen={setOpen}
        />
      ) : (
        <div className="tbl-say media-say">
          {window ? (
            <span>{search === "" ? "The table has no rows" : "No row contains this"}</span>
          ) : (
            <span role="status">Loading</span>
          )}
        </div>
      )}
      {open?.is === "text" && (
        <CellDialog project={project} hash={hash} asked={asked} cell={open} onClose={() => setOpen(null)} />
      )}
      {open?.is === "media" && (
        <MediaViewer
          groups={[{ run, key: open.title, step: entry.step, items: open.items, nItems: open.items.length }]}
          spot={{ group: 0, item: open.place }}
          options={MEDIA_LOOK}
          steps={NO_STEPS}
          at={0}
          onSpot={(spot) => setOpen(spot && { ...open, place: spot.item })}
          onPlace={() => undefined}
        />
      )}
    </>
  );
}

const MEDIA_LOOK = mediaOptions({ options: {} });

function Said({ choice, children }: { choice: ReactNode; children: ReactNode }) {
  return (
    <>
      {choice && <div className="tbl-tools">{choice}</div>}
      <div className="tbl-say media-say">{children}</div>
    </>
  );
}
