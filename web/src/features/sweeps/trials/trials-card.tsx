/** The trials of a sweep: a table with a filter, whose order the curves follow. */

import { useMemo, useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { sortOfText, sortText } from "@/data/table/row-sort";
import { formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { ColumnsButton } from "@/ui/parts/columns-button";
import { VirtualTable } from "@/ui/parts/virtual-table";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { useRights } from "../../use-rights";
import { nRuns } from "../sweep-words";
import { QueueTrial } from "./queue-trial";
import { trialCell } from "./trial-cells";
import { columnsText, shownColumns, type TrialColumn, trialColumns } from "./trial-columns";
import { clickedSort, TRIAL_STATES, type TrialStateChoice } from "./trial-url";
import type { TrialList } from "./use-trial-list";
import "./trials.css";

interface TrialsCardProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly list: TrialList;
}

const WORDS: Readonly<Record<TrialStateChoice, string>> = {
  running: "Running",
  queued: "Queued",
  finished: "Finished",
  stopped_early: "Stopped early",
  failed: "Failed",
};

export function TrialsCard({ project, sweep, list }: TrialsCardProps) {
  const { url, change, order, trials } = list;
  const [isQueueing, setQueueing] = useState(false);
  const { mayWrite } = useRights(project);
  const key = JSON.stringify([sweep.metrics, sweep.parameters]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has what they are made of
  const columns = useMemo(() => trialColumns(sweep), [key]);
  const shown = useMemo(() => shownColumns(columns, url.columns), [columns, url.columns]);
  const heads = useMemo(
    () => [
      { id: "number", title: "Trial", minPx: 168, mostPx: 280, grow: 1.5 },
      ...inReadingOrder(columns, url.state)
        .filter(({ id }) => shown.includes(id))
        .map(({ id, name, head }) => ({ ...head, id, title: name })),
    ],
    [columns, shown, url.state],
  );
  const sort = sortOfText(order);
  const { rows, error } = trials;
  const isNarrowed = url.state !== "" || list.search !== "";
  return (
    <section className="card trials-card" aria-label="Trials" id="trials">
      <h2>
        Trials{" "}
        <span className="badge">
          {isNarrowed && rows && `${formatCount(rows.length)} of `}
          {formatCount(nRuns(sweep))}
        </span>
        <span className="grow" />
        <CardSearch
          label="Search names, values, reasons"
          value={url.search}
          onChange={(search) => change({ search })}
        />
        <Select
          label="State"
          isSmall
          value={url.state}
          options={[
            { value: "", label: "All states", meta: formatCount(nRuns(sweep)) },
            ...TRIAL_STATES.map((state) => ({
              value: state,
              label: WORDS[state],
              meta: formatCount(countOf(sweep, state)),
            })),
          ]}
          onChange={(state) => change({ state })}
        />
        <ColumnsButton
          label="Columns"
          columns={columns}
          shown={shown}
          onShown={(ids) => change({ columns: columnsText(columns, ids) })}
        />
        {mayWrite && (
          <Button isSmall icon="plus" onClick={() => setQueueing(true)}>
            Queue a trial
          </Button>
        )}
      </h2>
      <QueueTrial project={project} sweep={sweep} isOpen={isQueueing} onClose={() => setQueueing(false)} />
      {!rows ? (
        error ? (
          <Fault title="The trials could not be listed" error={error} onRetry={list.refetch} />
        ) : (
          <SkeletonRows n={8} height={34} label="Loading the trials" />
        )
      ) : rows.length === 0 ? (
        <EmptyState
          icon="search"
          title={isNarrowed ? "No trial matches" : "No trials yet"}
          action={
            isNarrowed && (
              <Button isSmall onClick={() => change({ state: "", search: "" })}>
                Show all {formatNoun(nRuns(sweep), "trial")}
              </Button>
            )
          }
        >
          {isNarrowed
            ? "The search looks in names, ids, values of parameters, reasons, notes and agents."
            : "A trial appears once an agent gets it."}
        </EmptyState>
      ) : (
        <VirtualTable
          label="Trials"
          heads={heads}
          rows={rows}
          sort={sort}
          keyOf={(row, index) => (row ? String(row.number) : `at ${index}`)}
          cellOf={(row, column) =>
            row ? trialCell(project, sweep, row, column) : <span className="sk" aria-hidden="true" />
          }
          onSort={(column) => change({ sort: sortText(clickedSort(sort, column, sweep)) })}
          onSpan={trials.onSpan}
        />
      )}
    </section>
  );
}

/** Of failed trials the reason is what one looks for. */
function inReadingOrder(columns: readonly TrialColumn[], state: string): readonly TrialColumn[] {
  if (state !== "failed") return columns;
  const isFirst = ({ id }: TrialColumn) => id === "state" || id === "reason";
  const asKey = (column: TrialColumn) => ({
    ...column,
    head: { ...column.head, isKey: column.id === "reason" },
  });
  return [...columns.filter(isFirst), ...columns.filter((column) => !isFirst(column))].map(asKey);
}

function countOf({ counts }: Sweep, state: TrialStateChoice): number {
  return state === "finished" ? counts.finished - counts.stopped_early : counts[state];
}
