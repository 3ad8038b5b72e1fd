/**
 * A run's summary: each metric with its curve, its value and how that differs from the baseline's, searched by name.
 */

import { Link } from "@tanstack/react-router";
import { type CSSProperties, useMemo, useState } from "react";
import type { Run } from "@/api/types";
import { summaryChange, summaryName } from "@/data/compare/compare-runs";
import { numberOf, type SummaryValue, summaryValues } from "@/data/runs/summary";
import { formatDifference } from "@/data/text/format";
import { summaryText, valueText } from "@/data/text/value-text";
import { findWords } from "@/data/text/words";
import { CardSearch } from "@/ui/cards/card-search";
import { EmptyState } from "@/ui/signs/empty-state";
import { Marked } from "@/ui/text/marked";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { RunSpark } from "../../run-spark";
import { useShownRun } from "../shown-run";
import { useBaselineRun } from "../use-baseline-run";
import { PageRows, useFirstRows } from "./page-rows";

const ROW_PX = 26;
/** Width of a digit of a value. */
const DIGIT_PX = 7.5;

export function SummaryCard() {
  const { run } = useShownRun();
  const [search, setSearch] = useState("");
  const baseline = useBaselineRun();
  const values = useMemo(() => valuesOf(run), [run]);
  const matches = useMemo(
    () => values.filter(({ key }) => findWords(key, search) !== null),
    [values, search],
  );
  return (
    <section className="card" aria-label="Summary">
      <h2>
        Summary<span className="badge">{values.length}</span>
      </h2>
      {values.length === 0 ? (
        <EmptyState title="No summary">
          The last value of each metric given to <span className="mono">run.log()</span> stands here.
        </EmptyState>
      ) : (
        <>
          <CardSearch label="Search metrics" value={search} onChange={setSearch} />
          {baseline && <BaselineName run={baseline} />}
          {matches.length === 0 ? (
            <p className="card-none" role="status">
              No metric's name has {search}.
            </p>
          ) : (
            <Values values={matches} search={search} baseline={baseline} />
          )}
        </>
      )}
    </section>
  );
}

function valuesOf(run: Run): SummaryValue[] {
  return summaryValues(run.summary as Record<string, unknown>, run.definitions);
}

/** The run that the last column compares with. */
function BaselineName({ run }: { run: Run }) {
  const { project } = useShownRun();
  return (
    <p className="summary-base">
      Differences to the baseline
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <Link to="/$entity/$project/runs/$run" params={{ ...project, run: run.id }}>
        <MidName name={run.name} />
      </Link>
    </p>
  );
}

interface ValuesProps {
  readonly values: readonly SummaryValue[];
  readonly search: string;
  readonly baseline: Run | null;
}

function Values({ values, search, baseline }: ValuesProps) {
  const bases = useMemo(
    () =>
      baseline &&
      new Map(valuesOf(baseline).map((value) => [summaryName(value.key, value.aggregate), value])),
    [baseline],
  );
  const { nShown, button } = useFirstRows(values.length);
  const longest = useMemo(() => longestInteger(values), [values]);
  const names = useMemo(() => values.map(({ key }) => key), [values]);
  return (
    <div className="card-rows">
      <div
        role="table"
        aria-label="Summary"
        aria-rowcount={values.length + 1}
        className={bases ? "against" : undefined}
        style={{ "--value-px": `${longest * DIGIT_PX}px` } as CSSProperties}
      >
        <div className="summary-line head" role="row">
          <span role="columnheader">Metric</span>
          <span role="columnheader">Trend</span>
          <span role="columnheader" className="num">
            Value
          </span>
          {bases && (
            <span role="columnheader" className="num">
              Difference
            </span>
          )}
        </div>
        <div role="rowgroup" aria-label="Values">
          <NamesBeside names={names}>
            <PageRows
              count={nShown}
              px={ROW_PX}
              row={(index) => (
                <SummaryLine
                  key={summaryName(values[index]!.key, values[index]!.aggregate)}
                  value={values[index]!}
                  index={index}
                  search={search}
                  bases={bases}
                />
              )}
            />
          </NamesBeside>
        </div>
      </div>
      {button}
    </div>
  );
}

interface SummaryLineProps {
  readonly value: SummaryValue;
  readonly index: number;
  readonly search: string;
  /** By name: the values of the baseline; null without a baseline. */
  readonly bases: ReadonlyMap<string, SummaryValue> | null;
}

function SummaryLine({ value: row, index, search, bases }: SummaryLineProps) {
  const { run } = useShownRun();
  const { key, aggregate, value } = row;
  const number = numberOf(value);
  const spans = findWords(key, search) ?? [];
  return (
    <div className="summary-line" role="row" aria-rowindex={index + 2}>
      <span role="cell" className={spans.length > 0 ? "ell" : "summary-name"} title={key}>
        {spans.length > 0 ? <Marked text={key} spans={spans} /> : <MidName name={key} />}{" "}
        {aggregate && <span className="meta">{aggregate}</span>}
      </span>
      <span role="cell">{number !== null && <RunSpark run={run} metric={key} />}</span>
      <span
        role="cell"
        className={`num ell ${number !== null && Number.isFinite(number) ? "" : "odd"}`}
        title={number === null ? valueText(value) : String(number)}
        data-exact={number ?? undefined}
      >
        {summaryText(value)}
      </span>
      {bases && <Difference value={row} base={bases.get(summaryName(key, aggregate))} />}
    </div>
  );
}

/** Characters of the longest integer, which is written in full; other numbers are rounded to fit the column. */
export function longestInteger(values: readonly SummaryValue[]): number {
  const lengths = values.map(({ value }) =>
    Number.isInteger(numberOf(value)) ? summaryText(value).length : 0,
  );
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

/** Difference of a value to the baseline's; empty where one of them is not a finite number. */
export function Difference({ value, base }: { value: SummaryValue; base: SummaryValue | undefined }) {
  const change = base && summaryChange(value, base);
  if (change?.kind !== "delta") return <span role="cell" />;
  const look = change.isBetter === null ? "" : change.isBetter ? "better" : "worse";
  return (
    <span
      role="cell"
      className={`num ell change ${look}`}
      title={`${look === "" ? "" : `${look}: `}the baseline has ${summaryText(base?.value)}`}
    >
      {formatDifference(change.by, numberOf(value.value) ?? 0)}
    </span>
  );
}
