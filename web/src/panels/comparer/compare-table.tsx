/** Runs side by side: their values in sections, in each what differs first. */

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { COMPARE_SECTIONS, type CompareRow, type CompareSection, Unknown } from "@/data/compare/compare-runs";
import { formatCount } from "@/data/text/format";
import { leaveWheelToPage } from "@/ui/browser/page-wheel";
import { usePhone } from "@/ui/hooks/use-phone";
import { CompareHead, CompareLine, SectionLine } from "./compare-rows";
import type { ComparedColumn } from "./use-compared-runs";
import "./comparer.css";

const ROW_PX = 27;
/** On a phone: a key has two lines, and a value is above its difference. */
const NARROW_ROW_PX = 40;
const SECTION_PX = 30;
/** Of a column. */
const LEAST_PX = 150;
/** On a phone, where two runs find room. */
const NARROW_PX = 112;

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
  const rowPx = isNarrow ? NARROW_ROW_PX : ROW_PX;
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroll.current,
    estimateSize: (i) => (lines[i]!.kind === "section" ? SECTION_PX : rowPx),
    overscan: 12,
  });
  useLayoutEffect(() => virtual.measure(), [virtual]);
  const leastPx = isNarrow ? NARROW_PX : LEAST_PX;
  const template = `minmax(${leastPx}px, 220px) repeat(${columns.length}, minmax(${leastPx}px, 320px))`;
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
            "--cmp-row": `${rowPx}px`,
            minWidth: leastPx * (columns.length + 1),
          } as React.CSSProperties
        }
      >
        <CompareHead columns={columns} head={head} />
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, key, start }) => {
            const line = lines[index]!;
            const top = { transform: `translateY(${start}px)` };
            if (line.kind === "row")
              return <CompareLine key={key} row={line.row} index={index} isNarrow={isNarrow} style={top} />;
            if (line.kind === "section")
              return (
                <SectionLine
                  key={key}
                  section={line.section}
                  nDiffer={line.nDiffer}
                  n={line.n}
                  nUnknown={line.nUnknown}
                  index={index}
                  style={top}
                />
              );
            return (
              <div key={key} role="row" aria-rowindex={index + 2} className="cmp-row equal" style={top}>
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
