/**
 * The table next to a chart in full screen, in place of the tooltip: each curve's value under the crosshair or where
 * it is pinned, with the lowest and the highest point that it stands for, of a group with the ends of its band; else its last value as it was logged. A smoothed
 * curve has its smoothed value, as it is drawn, in a column of its own before those.
 *
 * In the order of the curves on the screen; by writer, the most different one first. A curve without a point
 * there stands below the others and says why.
 */

import { useLayoutEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { badgeOf, positionText } from "@/charts/axis/x-axis";
import type { BuiltLine } from "@/charts/line/built-line";
import { widthAt } from "@/charts/line/curve-points";
import { leastOf } from "@/charts/line/fill";
import type { BuiltChart } from "@/charts/line/line-build";
import { hitsAt, nonfiniteAt, partOfRuns, positionBeside, spanOf } from "@/charts/line/pointer/hover";
import { crosshair, pin } from "@/charts/shared-state";
import { figuresFormat } from "@/data/curves/column-figures";
import { offsetsOf } from "@/data/curves/stragglers";
import { bandWords } from "@/data/view/setting-titles";
import type { PanelSettings } from "@/data/view/settings";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { highlightOnHover, useHighlightedRun } from "../plot/highlight";
import { Swatch } from "../plot/legend";
import type { CurveFigures, LastValues } from "./curves/use-last-values";
import { useHeldWidths } from "./held-widths";

/** The longest word in place of a number. */
const ABSENT = "not begun";
/** Rows that are drawn; no one reads more, and all of them move with the pointer. */
const MAX_ROWS = 300;

interface LineValuesProps {
  readonly built: BuiltChart;
  readonly lasts: LastValues;
  /** Ends and lowest points that don't depend on the window's width; null: those that are drawn. */
  readonly figures: CurveFigures;
  /** Curves of one run by writer, or of several: which lie off the others. */
  readonly isByPart: boolean;
  /** Whether a part of x is in view. */
  readonly isZoomed: boolean;
  /** Of groups: what a curve is of its runs. */
  readonly center: PanelSettings["center"];
  /** Whether less is better; null: not known. */
  readonly isLessBetter: boolean | null;
}

interface ValueRow {
  readonly line: BuiltLine;
  /** The point; -1: there is none. */
  readonly at: number;
  /** NaN where there is none. */
  readonly value: number;
  /** The value before smoothing. */
  readonly raw: number;
}

export function LineValues({
  built,
  lasts,
  figures,
  isByPart,
  isZoomed,
  center,
  isLessBetter,
}: LineValuesProps) {
  const live = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  const pinned = useSyncExternalStore(pin.subscribe, pin.get);
  const cross = live ?? pinned;
  const highlighted = useHighlightedRun();
  const { lines, axis } = built;
  const isGrouped = lines.some((line) => line.run === "");
  const noun = isByPart ? "Writer" : isGrouped ? "Group" : "Run";
  const x = cross && cross.axis === axis.key ? cross.x : null;
  const offs = useMemo(() => {
    if (!isByPart) return null;
    const parts = lines.map(({ id, x: at, drawn }) => ({ id, x: at, y: drawn }));
    return new Map(offsetsOf(parts).map(({ id, off }, rank) => [id, { off, rank }]));
  }, [lines, isByPart]);
  const lows = useMemo(() => {
    if (figures === "pending") return new Map<string, number>();
    return new Map(lines.map((line) => [line.id, figures?.get(line.id)?.least ?? leastOf(line, built.x)]));
  }, [lines, built.x, figures]);
  const isSmoothed = lines.some(({ drawn, mean }) => drawn !== mean);
  // next to the smoothed end of a group's curve, the mean of its runs' last values would be of other places
  const areEnds = !lasts || (isGrouped && isSmoothed);
  const rows = useMemo(() => {
    const smoothed = x === null && isSmoothed ? endsOf(figures, "end") : null;
    const logged = x !== null ? null : lasts && areEnds ? endsOf(figures, "raw") : lasts;
    if (smoothed === "pending" || logged === "pending") return [];
    return rowsAt(built, x, { smoothed, logged }, isLessBetter === true);
  }, [built, x, figures, lasts, isSmoothed, areEnds, isLessBetter]);
  // the ranges of a few curves would take room from the names of all
  const nRanges = x === null ? 0 : rows.filter((row) => rangeOf(row) !== null).length;
  const hasRanges = nRanges > 0 && 2 * nRanges >= rows.filter(({ at }) => at >= 0).length;
  const hasBands = hasRanges && rows.some(({ line }) => hasOwnBand(line));
  const bases = new Map(
    rows.filter(({ line, at }) => line.isBaseline && at >= 0).map(({ line, value }) => [line.key, value]),
  );
  const hasBase = lines.some((line) => line.isBaseline);
  const format = formatsOf(rows, bases, hasRanges ? null : lows, spanOf(built.y));
  const widestRange = useMemo(() => widestRangeOf(lines, spanOf(built.y)), [lines, built.y]);
  // names are told from all others, in whatever order they stand
  const names = useMemo(() => lines.map(({ name }) => name).sort(), [lines]);
  const table = useRef<HTMLTableElement>(null);
  const columns = JSON.stringify([isSmoothed, offs !== null, hasBase, names]);
  useHeldWidths(table, rows.length > 0 ? columns : null);
  const ordered = offs
    ? [...rows].sort((a, b) => offs.get(a.line.id)!.rank - offs.get(b.line.id)!.rank)
    : rows;
  const named = x === null ? null : nearestOf(rows, x);
  const list = useRef<HTMLDivElement>(null);
  // the order of the rows changes with the pointer
  // biome-ignore lint/correctness/useExhaustiveDependencies: the row is read from the page
  useLayoutEffect(() => scrollToLit(list.current), [highlighted, rows]);
  return (
    <>
      <div className="side-head">
        <b>{noun}s</b>
        <span className="badge">
          {isByPart || isGrouped ? lines.length : new Set(lines.map(({ run }) => run)).size}
        </span>
        <span className="grow" />
        <span
          className="meta tn"
          title={
            x === null && !areEnds
              ? isGrouped
                ? "Of the last values of each group's runs, as they were logged: where runs end at different steps, the curve ends elsewhere"
                : "The last value of each curve that is finite, not a mean"
              : "The mean where a point stands for several steps"
          }
        >
          {x !== null
            ? positionOf(built, named, x)
            : areEnds
              ? "ends of the curves"
              : isGrouped
                ? `${center} of runs’ last values`
                : "last values"}
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <div className="values" tabIndex={0} role="group" aria-label="Values" ref={list}>
        <table
          ref={table}
          className={`${isSmoothed || offs || hasBase ? "has-more" : ""} ${hasRanges ? "has-ranges" : ""}`}
        >
          <thead>
            <tr>
              <th colSpan={2}>{noun}</th>
              {isSmoothed && (
                <th
                  className="num"
                  title={
                    x === null
                      ? "The end of each curve, smoothed in the same way however wide the window is: the drawn end may be a little off"
                      : `The smoothed value, as it is drawn${isZoomed ? ": over a part of the range in view, so of fewer points the closer it is" : ""}`
                  }
                >
                  Smoothed
                </th>
              )}
              <th className="num" title={isSmoothed ? "The value before smoothing" : undefined}>
                Value
                <span className="widest" aria-hidden="true" data-text={ABSENT} />
              </th>
              {offs && (
                <th className="num" title="How far it lies from the others' median, over all that is shown">
                  Off median
                </th>
              )}
              {!offs && hasBase && <th className="num">Change</th>}
              {hasBands ? (
                <th
                  className="num extreme"
                  title="The ends of the band that is drawn around the center of each group's runs, not smoothed"
                >
                  {bandWords(built.band)}
                </th>
              ) : hasRanges ? (
                <th
                  className="num extreme"
                  title="The lowest and the highest of the points that a drawn point stands for, not smoothed"
                >
                  Low – high
                </th>
              ) : (
                <th
                  className="num extreme"
                  title="The lowest point of each curve in the range that is shown, not smoothed, at one resolution however wide the window is"
                >
                  {isZoomed ? "Min in view" : "Curve min"}
                  <span className="widest" aria-hidden="true" data-text={widestRange} />
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            <NamesBeside names={names}>
              {ordered.slice(0, MAX_ROWS).map((row) => {
                const { line, at, value, raw } = row;
                const off = offs?.get(line.id)?.off ?? 0;
                const base = bases.get(line.key);
                const position = named && at >= 0 ? positionBeside(built, row, named) : null;
                const part = x !== null && at >= 0 ? partOfRuns(line, at) : null;
                return (
                  <tr
                    key={line.id}
                    className={line.highlightId === highlighted ? "lit" : ""}
                    {...highlightOnHover(line.highlightId)}
                  >
                    <td>
                      <Swatch item={line} />
                    </td>
                    <td>
                      <MidName name={line.name} />
                    </td>
                    <td className="num value">
                      {part && (
                        <i title="The runs of the group that have a value here: a tick on its curve is where the first ends">
                          {part}{" "}
                        </i>
                      )}
                      {position && <i>at {position} </i>}
                      {at < 0 ? <i>{absence(line, x)}</i> : format.value(value)}
                    </td>
                    {isSmoothed && <td className="num">{at < 0 ? "" : format.raw(raw)}</td>}
                    {offs && (
                      <td className={`num ${Math.abs(off) >= 0.05 ? "value" : ""}`}>{percent(off)}</td>
                    )}
                    {!offs && hasBase && (
                      <Change
                        value={at < 0 ? null : value}
                        base={line.isBaseline ? null : (base ?? null)}
                        isBase={line.isBaseline}
                        isLessBetter={isLessBetter}
                        format={format.change}
                      />
                    )}
                    <td className="num extreme">
                      {hasRanges ? rangeText(row, format.range) : lowText(lows.get(line.id), format.low)}
                    </td>
                  </tr>
                );
              })}
            </NamesBeside>
          </tbody>
        </table>
        {ordered.length > MAX_ROWS && (
          <p className="meta">{ordered.length - MAX_ROWS} more: filter the list to see them</p>
        )}
      </div>
    </>
  );
}

/** Scrolls the list, and nothing around it, to the row of the curve under the pointer. */
function scrollToLit(list: HTMLElement | null): void {
  const row = list?.querySelector("tr.lit")?.getBoundingClientRect();
  const head = list?.querySelector("th")?.getBoundingClientRect();
  // a row does not move away from the pointer that is on it
  if (!list || !row || !head || list.matches(":hover")) return;
  // on a phone it scrolls with the marks below it
  const area = (getComputedStyle(list).overflowY === "visible" && list.closest<HTMLElement>(".side")) || list;
  const above = row.top - head.bottom;
  const below = row.bottom - area.getBoundingClientRect().top - area.clientHeight;
  if (above < 0) area.scrollTop += above;
  else if (below > 0) area.scrollTop += below;
}

type Format = (value: number) => string;

/**
 * The formats of the columns.
 *
 * @param lows absent where the last column has ranges
 */
function formatsOf(
  rows: readonly ValueRow[],
  bases: ReadonlyMap<string, number>,
  lows: ReadonlyMap<string, number> | null,
  span: number,
): Readonly<Record<"value" | "raw" | "change" | "low" | "range", Format>> {
  const present = rows.filter(({ at }) => at >= 0);
  const changes = present.map(({ line, value }) => value - (bases.get(line.key) ?? Number.NaN));
  const ranges = present.flatMap((row) => rangeOf(row) ?? []);
  return {
    value: figuresFormat(
      present.map(({ value }) => value),
      span,
    ),
    raw: figuresFormat(
      present.map(({ raw }) => raw),
      span,
    ),
    change: figuresFormat(changes),
    low: figuresFormat([...(lows?.values() ?? [])].filter(Number.isFinite), span),
    range: figuresFormat(lows ? [] : ranges, span),
  };
}

/** Nothing until it is known; a curve without a point in view has none. */
function lowText(low: number | undefined, format: Format): string {
  if (low === undefined) return "";
  return Number.isNaN(low) ? "–" : format(low);
}

function endsOf(figures: CurveFigures, figure: "end" | "raw"): LastValues {
  if (figures === null || figures === "pending") return figures;
  return new Map([...figures].map(([id, values]) => [id, values[figure]]));
}

/** Values of curves at their ends, by id; null: those that are drawn. */
interface Ends {
  readonly smoothed: ReadonlyMap<string, number> | null;
  /** Of the whole curves, not of what is in view. */
  readonly logged: ReadonlyMap<string, number> | null;
}

/** Highest first, or the lowest where less is better; then those that have no point. */
function rowsAt(
  { lines, x: [x0, x1] }: BuiltChart,
  x: number | null,
  { smoothed, logged }: Ends,
  isLowFirst: boolean,
): ValueRow[] {
  const lastWithin = (line: BuiltLine) =>
    logged ? line.x.length - 1 : line.x.findLastIndex((at) => at <= x1);
  const drawn = lines.filter(
    (line) => line.x.length > 0 && (x !== null || logged || line.x[lastWithin(line)]! >= x0),
  );
  const hits = x === null ? drawn.map((line) => ({ line, at: lastWithin(line) })) : hitsAt(drawn, x);
  const present = hits.map(({ line, at }): ValueRow => {
    const raw = logged?.get(line.id) ?? line.mean[at]!;
    const value = line.drawn === line.mean ? raw : (smoothed?.get(line.id) ?? line.drawn[at]!);
    return { line, at, value, raw };
  });
  const sign = isLowFirst ? -1 : 1;
  present.sort((a, b) => sign * (b.value - a.value));
  const withValue = new Set(present.map((row) => row.line));
  const absent = drawn.filter((line) => !withValue.has(line));
  return [...present, ...absent.map((line) => ({ line, at: -1, value: Number.NaN, raw: Number.NaN }))];
}

/** The widest text of the column of ranges, as far as the ends of the curves tell: its room is kept for the pointer. */
function widestRangeOf(lines: readonly BuiltLine[], span: number): string {
  const rows = lines
    .map((line) => ({ line, at: line.x.length - 1, value: 0, raw: 0 }))
    .filter((row) => rangeOf(row) !== null);
  if (2 * rows.length < lines.length) return "";
  const format = figuresFormat(
    rows.flatMap((row) => rangeOf(row) ?? []),
    span,
  );
  return rows.map((row) => rangeText(row, format)).reduce((a, b) => (b.length > a.length ? b : a), "");
}

/** Whether a group's band is another than the extremes of its points. */
function hasOwnBand({ hasBand, lo, least }: BuiltLine): boolean {
  return hasBand && lo !== least;
}

/** The ends of a group's band, or the extremes of the points that the drawn one stands for; null where they are one value. */
function rangeOf({ line, at }: ValueRow): readonly [number, number] | null {
  if (at < 0) return null;
  const { hasExtremes, least, greatest, lo, hi } = line;
  const isBand = hasOwnBand(line);
  const [low, high] = isBand ? [lo[at]!, hi[at]!] : [least[at]!, greatest[at]!];
  return (isBand || hasExtremes) && low < high ? [low, high] : null;
}

/** Both ends; empty where they are one value. */
function rangeText(row: ValueRow, format: Format): string {
  const range = rangeOf(row);
  return range ? `${format(range[0])} – ${format(range[1])}` : "";
}

/** The row with the point that is nearest to `x`; null: no row has one. */
function nearestOf(rows: readonly ValueRow[], x: number): ValueRow | null {
  const distanceOf = ({ line, at }: ValueRow) =>
    at < 0 ? Number.POSITIVE_INFINITY : Math.abs(line.x[at]! - x);
  const [first] = rows;
  const nearest = first && rows.reduce((a, b) => (distanceOf(b) < distanceOf(a) ? b : a));
  return nearest && nearest.at >= 0 ? nearest : null;
}

/** `at step 17,514`, or the steps of the nearest bucket, as the tooltip of a small chart says it. */
function positionOf({ axis, x: [from, to] }: BuiltChart, nearest: ValueRow | null, x: number): string {
  if (axis.kind !== "step" || !nearest) return `at ${lower(badgeOf(axis, x, to - from))}`;
  const width = widthAt(nearest.line, nearest.at);
  return width <= 1
    ? `at ${lower(badgeOf(axis, x, to - from))}`
    : positionText(axis, nearest.line.x[nearest.at]!, width, to - from);
}

/** Why a curve has no number at `x`. */
function absence(line: BuiltLine, x: number | null): string {
  const nonfinite = x === null ? null : nonfiniteAt(line, x);
  if (nonfinite) return nonfinite;
  if (x === null || line.x.length === 0 || x < line.x[0]!) return ABSENT;
  if (x <= line.x.at(-1)!) return "no value";
  return line.isLive ? "not yet" : "ended";
}

function Change(props: {
  value: number | null;
  base: number | null;
  isBase: boolean;
  isLessBetter: boolean | null;
  format: Format;
}) {
  const { value, base, isBase, isLessBetter, format } = props;
  if (isBase) return <td className="num muted">base</td>;
  if (value === null || base === null) return <td className="num" />;
  const change = value - base;
  const isBetter = isLessBetter === null || change === 0 ? null : change < 0 === isLessBetter;
  const look = isBetter === null ? "" : isBetter ? "pos" : "neg";
  return <td className={`num ${look}`}>{`${change > 0 ? "+" : ""}${format(change)}`}</td>;
}

function percent(part: number): string {
  const text = (Math.abs(part) * 100).toFixed(Math.abs(part) < 0.1 ? 1 : 0);
  if (Number(text) === 0) return "0 %";
  return `${part > 0 ? "+" : "\u2212"}${text} %`;
}

function lower(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
