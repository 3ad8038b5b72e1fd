/** Runs side by side: their values in sections, in each what differs first. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { COMPARE_SECTIONS, type CompareRow, type CompareSection, Unknown } from "@/data/compare/compare-runs";
import { keyLines } from "@/data/compare/key-lines";
import { formatCount } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { usePhone } from "@/ui/hooks/use-phone";
import { CompareHead, CompareLine, SectionLine } from "./compare-rows";
import type { ComparedColumn } from "./use-compared-runs";
import "./comparer.css";

const ROW_PX = 27;
/** On a phone: a key has two lines or more, and a value is above its difference. */
const NARROW_ROW_PX = 40;
const KEY_LINE_PX = 16;
const MOST_KEY_LINES = 6;
/** Of a key's letter, and around a key. */
const KEY_LETTER_PX = 7.2;
const KEY_SIDES_PX = 24;
/** Of the name of an aggregate behind a key. */
const AGGREGATE_PX = 36;
const SECTION_PX = 30;
/** Of a column. */
const LEAST_PX = 150;
/** On a phone, where two runs find room. */
const NARROW_PX = 112;
const MOST_KEY_PX = 220;

/** A line of the table: a section's head, a row, or what is folded away. */
type Line =
  | {
      readonly kind: "section";
      readonly section: CompareSection;
      readonly nDiffer: number;
      readonly n: number;
      readonly nUnknown: number;
    }
  | { readonly kind: "row"; readonly row: CompareRow }
  | {
      readonly kind: "equal";
      readonly section: CompareSection;
      readonly n: number;
      readonly nUnknown: number;
    };

interface CompareTableProps {
  readonly columns: readonly ComparedColumn[];
  readonly rows: readonly CompareRow[];
  /** Only rows with this text in their key or a value. */
  readonly search: string;
  /** Rows equal in all runs are folded away. */
  readonly hidesEqual: boolean;
  /** A run's name, and what can be done with its column. */
  readonly head?: (column: ComparedColumn) => ReactNode;
}

export function CompareTable({ columns, rows, search, hidesEqual, head }: CompareTableProps) {
  const [opened, setOpened] = useState<ReadonlySet<CompareSection>>(new Set());
  const lines = useMemo(() => linesOf(rows, search, hidesEqual, opened), [rows, search, hidesEqual, opened]);
  const onOpen = (section: CompareSection) => setOpened((before) => toggled(before, section));
  const scroll = useRef<HTMLDivElement>(null);
  useEffect(() => leaveWheelToPage(scroll.current), []);
  const isNarrow = usePhone();
  const leastPx = isNarrow ? NARROW_PX : LEAST_PX;
  const keyPx = Math.max(leastPx, Math.min(MOST_KEY_PX, window.innerWidth / (columns.length + 1)));
  const linesOfKey = ({ key, aggregate }: CompareRow) =>
    Math.min(
      MOST_KEY_LINES,
      Math.max(
        2,
        keyLines(key, Math.floor((keyPx - KEY_SIDES_PX - (aggregate ? AGGREGATE_PX : 0)) / KEY_LETTER_PX)),
      ),
    );
  const rowPx = (line: Line) => {
    if (!isNarrow) return ROW_PX;
    return line.kind === "row" ? NARROW_ROW_PX + (linesOfKey(line.row) - 2) * KEY_LINE_PX : NARROW_ROW_PX;
  };
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: (i) => (lines[i]!.kind === "section" ? SECTION_PX : rowPx(lines[i]!)),
    overscan: 12,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows of other keys or another width have other heights
  useLayoutEffect(() => virtual.measure(), [virtual, lines, isNarrow, keyPx]);
  const template = `minmax(${leastPx}px, ${MOST_KEY_PX}px) repeat(${columns.length}, minmax(${leastPx}px, 320px))`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="cmp" ref={scroll} tabIndex={0} role="group" aria-label="Comparison, scrolled">
      <div
        role="table"
        aria-label="Runs side by side"
        aria-rowcount={lines.length + 1}
        className="cmp-table"
        style={
          {
            "--cmp": template,
            minWidth: leastPx * (columns.length + 1),
          } as React.CSSProperties
        }
      >
        <CompareHead columns={columns} head={head} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, key, start, size }) => {
            const line = lines[index]!;
            const box = { transform: `translateY(${start}px)`, height: size };
            if (line.kind === "row")
              return (
                <CompareLine
                  key={key}
                  columns={columns}
                  row={line.row}
                  index={index}
                  nKeyLines={isNarrow ? linesOfKey(line.row) : null}
                  style={box}
                />
              );
            if (line.kind === "section")
              return (
                <SectionLine
                  key={key}
                  section={line.section}
                  nDiffer={line.nDiffer}
                  n={line.n}
                  nUnknown={line.nUnknown}
                  index={index}
                  style={box}
                />
              );
            return (
              <div key={key} role="row" aria-rowindex={index + 2} className="cmp-row equal" style={box}>
                <span role="cell">
                  <button type="button" className="more" onClick={() => onOpen(line.section)}>
                    {formatCount(line.n)} {line.nUnknown > 0 ? "without a known difference" : "equal"}
                  </button>
                </span>
              </div>
            );
          })}
        </div>
      </div>
      {lines.length === 0 && <div className="say">Nothing has that text.</div>}
    </div>
  );
}

function toggled(before: ReadonlySet<CompareSection>, section: CompareSection) {
  const next = new Set(before);
  if (!next.delete(section)) next.add(section);
  return next;
}

function linesOf(
  rows: readonly CompareRow[],
  search: string,
  hidesEqual: boolean,
  opened: ReadonlySet<CompareSection>,
): Line[] {
  const text = search.trim().toLowerCase();
  const lines: Line[] = [];
  for (const section of COMPARE_SECTIONS) {
    const all = rows.filter((row) => row.section === section);
    const fitting = text === "" ? all : all.filter((row) => hasText(row, text));
    if (fitting.length === 0) continue;
    const differing = fitting.filter((row) => row.differs);
    const nUnknown = nRunsUnknown(fitting);
    lines.push({ kind: "section", section, nDiffer: differing.length, n: fitting.length, nUnknown });
    lines.push(...differing.map((row): Line => ({ kind: "row", row })));
    const equal = fitting.filter((row) => !row.differs);
    // a search looks for what is equal, too
    const isOpen = !hidesEqual || text !== "" || opened.has(section);
    if (hidesEqual && text === "" && equal.length > 0)
      lines.push({ kind: "equal", section, n: equal.length, nUnknown: nRunsUnknown(equal) });
    if (isOpen) lines.push(...equal.map((row): Line => ({ kind: "row", row })));
  }
  return lines;
}

function nRunsUnknown(rows: readonly CompareRow[]): number {
  const columns = rows.flatMap((row) =>
    row.values.flatMap((value, at) => (value instanceof Unknown ? [at] : [])),
  );
  return new Set(columns).size;
}

function hasText(row: CompareRow, text: string): boolean {
  return (
    row.key.toLowerCase().includes(text) ||
    row.values.some((value) => value !== undefined && JSON.stringify(value).toLowerCase().includes(text))
  );
}
