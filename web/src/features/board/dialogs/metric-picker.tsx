/**
 * Chooses metrics among 100,000: all of them section by section, or those that a search finds, the likeliest first.
 */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useMemo, useState } from "react";
import { metricNamesQuery } from "@/api/metrics/metrics";
import type { MetricNames, ProjectRef } from "@/api/types";
import { objectPanels } from "@/data/metrics/object-kinds";
import { haveFor } from "@/data/text/counted";
import { formatCount, formatNoun } from "@/data/text/format";
import { matcherFor } from "@/data/text/text-match";
import type { ObjectPanel } from "@/data/view/panel";
import { useAimedMetrics } from "@/panels/over-runs/use-goal";
import { Checkbox } from "@/ui/controls/checkbox";
import { SearchField } from "@/ui/fields/search-field";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { isPhone } from "@/ui/hooks/use-phone";
import { useVirtualRows } from "@/ui/hooks/use-virtual-rows";
import { Chip } from "@/ui/text/chip";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { type ListedColumns, listedMetrics } from "./listed-metrics";
import { usePickedColumns } from "./use-picked-columns";

interface MetricPickerProps {
  readonly project: ProjectRef;
  readonly isOne: boolean;
  /** Metrics that are objects of which such a panel draws; else those with numbers. */
  readonly objects: ObjectPanel | null;
  /** Columns that the panel shows besides; null: none. */
  readonly columns: "results" | "any" | null;
  readonly keys: readonly string[];
  /** All that match, also later ones; null: not so; undefined: this panel has none. */
  readonly pattern: string | null | undefined;
  onKeys(keys: readonly string[]): void;
  onPattern(pattern: string | null): void;
  /** The metric that typing or arrows have come to; null: none. */
  onActive(metric: string | null): void;
  onEnter(): void;
}

const ROW_PX = 26;

const NOUNS = {
  number: "metric",
  histogram: "histogram",
  media: "image, sound or other media",
  table: "table",
  chart: "chart",
};

export function MetricPicker(props: MetricPickerProps) {
  const { project, isOne, objects, columns, keys, pattern, onKeys, onPattern, onActive, onEnter } = props;
  const [search, setSearch] = useState("");
  const [isRegex, setRegex] = useState(false);
  const [active, setActive] = useState<number | null>(null);
  const id = useId();
  const listed = useQuery(metricNamesQuery(project, null)).data;
  const metrics = useMemo(() => listed && metricsOf(listed, objects), [listed, objects]);
  const aimed = useAimedMetrics(project);
  const error = isRegex ? matcherFor(search, true).error : null;
  const names = useMemo(() => listed?.numbers ?? null, [listed]);
  const { results, parameters, isCurrent } = usePickedColumns(project, columns, names, search, isRegex);
  const metricItems = useMemo(
    () => listedMetrics(metrics ?? NO_METRICS, search, isRegex, aimed),
    [metrics, search, isRegex, aimed],
  );
  const items = useMemo(
    () => withColumns(metricItems, { results, parameters }),
    [metricItems, results, parameters],
  );
  const rows = useMemo(() => items.flatMap((item, i) => ("name" in item ? [i] : [])), [items]);
  const at = active === null ? null : Math.min(active, rows.length - 1);
  const activeItem = at === null ? undefined : items[rows[at] ?? -1];
  const activeName = activeItem && "name" in activeItem ? activeItem.name : null;
  useEffect(() => onActive(activeName), [activeName, onActive]);

  // what is added is the first of what was typed, also where Enter comes before the answer
  const enter = useAwaited(metrics !== undefined && (isCurrent || rows.length > 0), onEnter);
  const { scroll: list, list: virtual, rowPx } = useVirtualRows<HTMLUListElement>(items.length, ROW_PX);
  const moveTo = (next: number) => {
    if (rows.length === 0) return;
    const position = Math.max(0, Math.min(rows.length - 1, next));
    setActive(position);
    // with the first metric its section's name
    virtual.scrollToIndex(position === 0 ? 0 : rows[position]!);
  };
  const inView = virtual.getVirtualItems().map(({ index }) => items[index]);
  const namesInView = inView.flatMap((item) => (item && "name" in item ? [item.name] : []));
  const chosen = new Set(keys);
  const toggle = (name: string, isOn: boolean) => {
    if (isOne) onKeys(isOn ? [name] : []);
    else onKeys(isOn ? [...keys, name] : keys.filter((key) => key !== name));
  };
  return (
    <div className="metric-picker">
      <SearchField
        label="Search metrics"
        value={search}
        isRegex={isRegex}
        error={error}
        hasFirstFocus={!isPhone()}
        activeId={activeName === null ? undefined : `${id}-active`}
        onChange={(text) => {
          setSearch(text);
          setActive(text === "" ? null : 0);
          list.current?.scrollTo(0, 0);
        }}
        onRegex={setRegex}
        onDown={() => moveTo(at === null ? 0 : at + 1)}
        onUp={() => moveTo(at === null ? 0 : at - 1)}
        onEnter={(isShift) => {
          if (isShift && !isOne && activeName !== null) toggle(activeName, !chosen.has(activeName));
          else enter();
        }}
      />
      <ul aria-label="Metrics" ref={list}>
        <li className="room" style={{ height: virtual.getTotalSize() }} role="presentation" />
        <NamesBeside names={namesInView} isAlone>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const item = items[index];
            if (!item) return null;
            const style = { transform: `translateY(${start}px)`, height: rowPx };
            if ("section" in item)
              return (
                <li key={`: ${item.section}`} className="head" style={style}>
                  <span className="ell">{item.section}</span>
                  <span className="tn">{formatCount(item.n)}</span>
                </li>
              );
            const { name, nRuns } = item;
            const isActive = name === activeName;
            return (
              <li
                key={name}
                className={isActive ? "on" : ""}
                id={isActive ? `${id}-active` : undefined}
                style={style}
              >
                <Checkbox label={name} isOn={chosen.has(name)} onChange={(isOn) => toggle(name, isOn)}>
                  <MidName name={name} />
                </Checkbox>
                <span className="tn" title={`${formatNoun(nRuns, "run")} ${haveFor(nRuns)} it`}>
                  {formatCount(nRuns)}
                </span>
              </li>
            );
          })}
        </NamesBeside>
        {metrics && items.length === 0 && (
          <li className="muted">
            {!isCurrent
              ? "Looking…"
              : metrics.length > 0
                ? `No ${columns === "any" ? "metric, result or parameter" : columns ? "metric or result" : "metric"} has it in its name.`
                : `No ${NOUNS[objects ?? "number"]} was logged yet.`}
          </li>
        )}
      </ul>
      <div className="picked">
        {pattern !== undefined && isRegex && search !== "" && error === null && pattern !== search && (
          <button type="button" className="btn sm" onClick={() => onPattern(search)}>
            Draw all {formatCount(rows.length)}, also later ones
          </button>
        )}
        {pattern && (
          <Chip removeLabel={`Remove the pattern ${pattern}`} onRemove={() => onPattern(null)}>
            <span className="mono">.* {pattern}</span>
          </Chip>
        )}
        {!isOne &&
          keys.map((key) => (
            <Chip key={key} removeLabel={`Remove ${key}`} onRemove={() => toggle(key, false)}>
              {key}
            </Chip>
          ))}
        {(isOne || keys.length === 0) && !pattern && (
          <span className="muted hint">
            ↑ ↓ move, Enter adds the panel{isOne ? "" : ", Shift Enter chooses several metrics"}
          </span>
        )}
      </div>
    </div>
  );
}

/** The metrics, then the results without one, then the parameters. */
function withColumns(items: ReturnType<typeof listedMetrics>, { results, parameters }: ListedColumns) {
  const headed = (section: string, columns: ListedColumns["results"]) =>
    columns.length > 0 ? [{ section, n: columns.length }, ...columns] : [];
  return [...items, ...headed("summary", results), ...headed("config", parameters)];
}

const NO_METRICS: ReturnType<typeof metricsOf> = [];

/** The metrics that a panel can draw, with the number of runs that have each. */
function metricsOf({ numbers, objects, kinds, n_runs: nRuns }: MetricNames, panel: ObjectPanel | null) {
  if (panel === null) return numbers.map((name, i) => ({ name, nRuns: nRuns[i] ?? 0 }));
  const panels = objectPanels(objects, kinds);
  return objects.flatMap((name, i) =>
    panels.get(name) === panel ? [{ name, nRuns: nRuns[numbers.length + i] ?? 0 }] : [],
  );
}
