/**
 * A run's summary: each metric with its curve and its value, searched by name.
 */

import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef, useState } from "react";
import { formatExactly, formatValue } from "@/data/format";
import { numberOf, type SummaryValue, summaryValues } from "@/data/summary";
import { valueText } from "@/data/tree";
import { findWords } from "@/data/words";
import { EmptyState } from "@/ui/empty-state";
import { Marked } from "@/ui/marked";
import { RunSpark } from "../run-spark";
import { CardSearch } from "./config-card";
import { useShownRun } from "./shown-run";

const ROW_PX = 26;

export function SummaryCard() {
  const { run } = useShownRun();
  const [search, setSearch] = useState("");
  const values = useMemo(
    () => summaryValues(run.summary as Record<string, unknown>, run.definitions),
    [run.summary, run.definitions],
  );
  const found = useMemo(() => values.filter(({ key }) => findWords(key, search) !== null), [values, search]);
  return (
    <section className="card" aria-label="Summary">
      <h2>
        Summary<span className="badge">{values.length}</span>
      </h2>
      {values.length === 0 ? (
        <EmptyState title="Nothing logged yet">
          The last value of each metric given to <span className="mono">run.log()</span> stands here.
        </EmptyState>
      ) : (
        <>
          <CardSearch label="Search metrics" value={search} onChange={setSearch} />
          {found.length === 0 ? (
            <p className="card-none" role="status">
              No metric's name has {search}.
            </p>
          ) : (
            <Values values={found} search={search} />
          )}
        </>
      )}
    </section>
  );
}

function Values({ values, search }: { values: readonly SummaryValue[]; search: string }) {
  const { run } = useShownRun();
  const scroll = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: values.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW_PX,
    overscan: 6,
  });
  return (
    <div role="table" aria-label="Summary" aria-rowcount={values.length + 1}>
      <div className="summary-line head" role="row">
        <span role="columnheader">Metric</span>
        <span role="columnheader">Trend</span>
        <span role="columnheader" className="num">
          Value
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div className="card-scroll" ref={scroll} tabIndex={0} role="rowgroup" aria-label="Values">
        <div style={{ height: list.getTotalSize(), position: "relative" }} role="presentation">
          {list.getVirtualItems().map((item) => {
            const { key, aggregate, value } = values[item.index]!;
            const number = numberOf(value);
            const text =
              number === null
                ? valueText(value)
                : Number.isInteger(number)
                  ? formatExactly(number)
                  : formatValue(number);
            return (
              <div
                key={`${key} ${aggregate}`}
                className="summary-line"
                role="row"
                aria-rowindex={item.index + 2}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <span role="cell" className="ell" title={key}>
                  <Marked text={key} spans={findWords(key, search) ?? []} />{" "}
                  {aggregate && <span className="meta">{aggregate}</span>}
                </span>
                <span role="cell">{number !== null && <RunSpark run={run} metric={key} />}</span>
                <span
                  role="cell"
                  className={`num ell ${number !== null && Number.isFinite(number) ? "" : "odd"}`}
                  title={number === null ? text : String(number)}
                >
                  {text}
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}
