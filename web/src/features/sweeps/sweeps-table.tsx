/** The sweeps of a project, newest first, or by a column. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { runNamesQuery, type Sweep, sweepQuery } from "@/api/sweeps/sweeps";
import type { ProjectRef } from "@/api/types";
import { nextSort, type RowSort, sortRows } from "@/data/table/row-sort";
import { formatCount, formatNoun } from "@/data/text/format";
import { type TableHead, VirtualTable } from "@/ui/parts/virtual-table";
import { Ago } from "@/ui/text/ago";
import { MidName } from "@/ui/text/mid-name";
import { Person, useHasAccounts } from "../person";
import { SweepState } from "./sweep-state";
import { isWaiting, methodText, nRuns, runsText, sweepName, valueText } from "./sweep-words";

const HEADS: readonly TableHead[] = [
  { id: "name", title: "Sweep", minPx: 180, grow: 3 },
  { id: "method", title: "Method", minPx: 96 },
  { id: "state", title: "State", minPx: 104, isKey: true },
  { id: "runs", title: "Runs", minPx: 112, isNumber: true },
  { id: "best", title: "Best", minPx: 100, isNumber: true, isFixed: true, isKey: true },
  { id: "of", title: "Metric and best run", minPx: 190, grow: 3, isFixed: true },
  { id: "agents", title: "Agents", minPx: 76, isNumber: true },
  { id: "created", title: "Created", minPx: 104, isNumber: true },
];

/** With who made each, where there are accounts. */
const HEADS_OF_MANY: readonly TableHead[] = [
  ...HEADS.slice(0, -1),
  { id: "user", title: "User", minPx: 120 },
  ...HEADS.slice(-1),
];

/** The longest time before a front is fetched again. */
const FRONT_MILLIS = 30_000;

export function SweepsTable({ project, sweeps }: { project: ProjectRef; sweeps: readonly Sweep[] }) {
  const [sort, setSort] = useState<RowSort | null>(null);
  const rows = useMemo(
    () => (sort ? sortRows(sweeps, (sweep) => sortValue(sweep, sort.column), sort.isDown) : sweeps),
    [sweeps, sort],
  );
  const bestIds = useMemo(() => [...new Set(sweeps.flatMap(({ best }) => best?.run ?? []))], [sweeps]);
  const { data } = useQuery(runNamesQuery(project, bestIds));
  const names = useMemo(() => new Map(data?.rows.map(({ id, name }) => [id, name])), [data]);
  const hasAccounts = useHasAccounts();
  return (
    <VirtualTable
      label="Sweeps"
      heads={hasAccounts ? HEADS_OF_MANY : HEADS}
      rows={rows}
      sort={sort}
      keyOf={({ id }) => id}
      cellOf={(sweep, column) => cellOf(project, sweep, column, names)}
      onSort={(column) => setSort((before) => nextSort(before, column))}
    />
  );
}

function sortValue(sweep: Sweep, column: string) {
  const values: Readonly<Record<string, unknown>> = {
    name: sweepName(sweep).toLowerCase(),
    method: methodText(sweep),
    state: sweep.state,
    runs: nRuns(sweep),
    agents: sweep.n_agents,
    user: sweep.user,
    created: sweep.created_micros,
  };
  return values[column];
}

function cellOf(
  project: ProjectRef,
  sweep: Sweep,
  column: string,
  names: ReadonlyMap<string, string>,
): ReactNode {
  switch (column) {
    case "name":
      return (
        <Link
          to="/$entity/$project/sweeps/$sweep"
          params={{ ...project, sweep: sweep.id }}
          className="row name"
        >
          <MidName name={sweepName(sweep)} />
        </Link>
      );
    case "method":
      return <span className="ell">{methodText(sweep)}</span>;
    case "state":
      return isWaiting(sweep) ? (
        <SweepState state="waiting" label="Waiting" />
      ) : (
        <SweepState state={sweep.state} />
      );
    case "runs":
      return runsText(sweep);
    case "best":
      return sweep.metrics.length > 1 ? <FrontSize project={project} sweep={sweep} /> : valueText(sweep.best);
    case "of":
      return <BestOf project={project} sweep={sweep} names={names} />;
    case "agents":
      return sweep.n_agents > 0 ? formatCount(sweep.n_agents) : <span className="muted">0</span>;
    case "user":
      return sweep.user && <Person user={sweep.user} size="sm" />;
    default:
      return <Ago micros={sweep.created_micros} suffix=" ago" />;
  }
}

/** Number of runs that no other run is better than. The list of sweeps lacks it, so each row fetches its own. */
function FrontSize({ project, sweep }: { project: ProjectRef; sweep: Sweep }) {
  const { data } = useQuery({
    ...sweepQuery(project, sweep.id),
    refetchInterval: false,
    staleTime: FRONT_MILLIS,
    enabled: sweep.counts.finished > 0,
  });
  if (!data) return null;
  return <span title="Runs that no other run is better than">{formatNoun(data.front.length, "run")}</span>;
}

interface BestOfProps {
  readonly project: ProjectRef;
  readonly sweep: Sweep;
  readonly names: ReadonlyMap<string, string>;
}

/** Metric of the value, and the run that has it. */
function BestOf({ project, sweep: { best, metrics }, names }: BestOfProps) {
  const all = metrics.map(({ name }) => name).join(", ");
  const metric = metrics.length > 1 ? `front of ${all}` : all;
  if (!best)
    return (
      <span className="ell muted" title={metric}>
        {metric}
      </span>
    );
  return (
    <>
      <span className="ell muted metric" title={metric}>
        {metric}
      </span>
      <Link to="/$entity/$project/runs/$run" params={{ ...project, run: best.run }} className="row">
        <MidName name={names.get(best.run) ?? best.run} />
      </Link>
    </>
  );
}
