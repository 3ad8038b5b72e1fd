import { type CSSProperties, type ReactNode, useMemo } from "react";
import { distinctArguments } from "@/data/compare/commands";
import { type CompareRow, type CompareSection, changeOf, isBest, Unknown } from "@/data/compare/compare-runs";
import { distinctEnds, SHORT_LETTERS } from "@/data/compare/distinct-ends";
import { keyParts } from "@/data/compare/key-lines";
import { numberOf, objectText } from "@/data/runs/summary";
import {
  formatDifference,
  formatExact,
  formatExactly,
  formatMoment,
  formatNoun,
  formatParameter,
  formatTick,
  formatValue,
  inOneNotation,
} from "@/data/text/format";
import { valueText } from "@/data/text/value-text";
import { StateIcon } from "@/ui/signs/state-icon";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import { highlightOnHover } from "../plot/highlight";
import type { ComparedColumn } from "./use-compared-runs";
import { WholeValues } from "./whole-values";

const TITLES: Readonly<Record<CompareSection, string>> = {
  config: "Config",
  summary: "Summary",
  packages: "Packages",
  code: "Code",
  environment: "Environment",
  run: "Run",
};

interface CompareHeadProps {
  readonly columns: readonly ComparedColumn[];
  /** Instead of a name, a state and the mark of the first run. */
  readonly head?: ((column: ComparedColumn) => ReactNode) | undefined;
}

export function CompareHead({ columns, head }: CompareHeadProps) {
  return (
    <div role="row" aria-rowindex={1} className="cmp-row head">
      <span role="columnheader">Key</span>
      <NamesBeside names={columns.map(({ run }) => run.name)}>
        {columns.map((column) => (
          <span role="columnheader" key={column.run.id} {...highlightOnHover(column.run.id)}>
            {head ? head(column) : <PlainHead {...column} isAlone={columns.length === 1} />}
          </span>
        ))}
      </NamesBeside>
    </div>
  );
}

function PlainHead({ run, isBase, isAlone }: ComparedColumn & { isAlone: boolean }) {
  return (
    <span className="row">
      <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      <MidName name={run.name} />
      <StateIcon state={run.state} />
      {isBase && !isAlone && <span className="flag neu">base</span>}
    </span>
  );
}

interface SectionLineProps {
  readonly section: CompareSection;
  readonly nDiffer: number;
  readonly n: number;
  /** The number of runs with unknown values in this section. */
  readonly nUnknown: number;
  readonly index: number;
  readonly style: CSSProperties;
}

export function SectionLine({ section, nDiffer, n, nUnknown, index, style }: SectionLineProps) {
  return (
    <div role="row" aria-rowindex={index + 2} className="cmp-row section" style={style}>
      <span role="rowheader">
        {TITLES[section]}
        <span className="meta tn">
          {nDiffer} of {n} differ
          {nUnknown > 0 && `, unknown for ${formatNoun(nUnknown, "run")}`}
        </span>
      </span>
    </div>
  );
}

interface CompareLineProps {
  readonly columns: readonly ComparedColumn[];
  readonly row: CompareRow;
  readonly index: number;
  /** Of a key that breaks into lines: cut ends would be alike. Null: it has one. */
  readonly nKeyLines: number | null;
  readonly style: CSSProperties;
}

const NO_TEXTS: readonly string[] = [];

export function CompareLine({ columns, row, index, nKeyLines, style }: CompareLineProps) {
  const isResult = row.section === "summary";
  // a minus of the font of code looks like a hyphen
  const isOfNumbers = row.values.every((value) => isMissing(value) || numberOf(value) !== null);
  const texts = row.values.map((value) => cellText(row, value));
  const wholeTexts = isResult ? texts : inOneNotation(texts);
  const ends = isResult || !row.differs ? wholeTexts : distinctEnds(wholeTexts);
  const isLong = wholeTexts.some((text) => text.length > SHORT_LETTERS);
  const areTextsApart = row.differs && !isOfNumbers;
  const commands = useMemo(() => (isCommand(row) ? distinctArguments(row.values) : null), [row]);
  return (
    <div role="row" aria-rowindex={index + 2} className="cmp-row" style={style}>
      <span role="rowheader" className={isResult ? "" : "mono"}>
        {nKeyLines !== null ? (
          <span className="cmp-key" title={row.key} style={{ WebkitLineClamp: nKeyLines }}>
            {breakable(row.key)}
          </span>
        ) : (
          <MidName name={row.key} />
        )}
        {row.aggregate && <span className="meta">{row.aggregate}</span>}
      </span>
      <NamesBeside names={areTextsApart ? texts : NO_TEXTS} isAlone>
        {row.values.map((value, at) => {
          const isSame = at > 0 && JSON.stringify(value) === JSON.stringify(row.values[0]);
          const looks = [
            isResult ? "num" : isOfNumbers ? "tn" : "mono",
            isSame || !row.differs ? "same" : "",
            isBest(row, at) ? "best" : "",
          ];
          const whole = wholeTexts[at]!;
          const text = commands?.[at] ?? shortText(row, value) ?? ends[at]!;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the columns are the runs, in order
            <span role="cell" key={at} className={looks.filter(Boolean).join(" ")} title={whole}>
              {value === undefined || value instanceof Unknown ? (
                <span className="muted">{text}</span>
              ) : isLong ? (
                <WholeValues name={row.key} columns={columns} texts={wholeTexts} text={text} />
              ) : areTextsApart ? (
                <MidName name={text} title={whole} nLines={nKeyLines === null ? 1 : 2} />
              ) : (
                <span
                  className="ell"
                  data-exact={row.section === "run" ? undefined : (numberOf(value) ?? undefined)}
                >
                  {text}
                </span>
              )}
              <ChangeText row={row} at={at} />
            </span>
          );
        })}
      </NamesBeside>
    </div>
  );
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value instanceof Unknown;
}

/** A key that breaks into lines between its parts. */
function breakable(key: string): ReactNode[] {
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one key, in order
  return keyParts(key).flatMap((part, at) => [part, <wbr key={at} />]);
}

function ChangeText({ row, at }: { row: CompareRow; at: number }) {
  const change = changeOf(row, at);
  if (!change) return row.section === "summary" ? <span className="chg" /> : null;
  if (change.kind === "factor")
    return <span className="chg">× {formatExactly(Number(change.by.toPrecision(3)))}</span>;
  const look = change.isBetter === null ? "" : change.isBetter ? "better" : "worse";
  const whole = formatDifference(change.by, numberOf(row.values[at]) ?? 0);
  const isLong = whole.length > MOST_LETTERS;
  return (
    <span className={`chg ${look}`} title={isLong ? whole : undefined}>
      {isLong ? `${change.by > 0 ? "+" : ""}${formatTick(change.by)}` : whole}
    </span>
  );
}

/** A longer difference is rounded. */
const MOST_LETTERS = 9;

function isCommand(row: CompareRow): boolean {
  return row.section === "environment" && row.key === "Command" && row.differs;
}

/** A shorter text for a value that is too long for its cell, or null. */
function shortText(row: CompareRow, value: unknown): string | null {
  const number = numberOf(value);
  if (row.section !== "run" || row.key !== "created" || number === null) return null;
  const seconds = row.values.map((each) => Math.floor((numberOf(each) ?? 0) / 1e6));
  return formatMoment(number, new Date(), row.differs && new Set(seconds).size < seconds.length);
}

function cellText(row: CompareRow, value: unknown): string {
  if (value === undefined) return "not set";
  if (value instanceof Unknown) return value.words;
  const number = numberOf(value);
  if (row.section === "run" && number !== null && row.key === "created") return formatExact(number);
  if (number !== null)
    return row.section === "summary" && !Number.isInteger(number)
      ? formatValue(number)
      : formatParameter(number);
  if (row.section === "run" && Array.isArray(value)) return value.join(", ") || "none";
  if (value === null) return row.section === "run" ? "none" : "null";
  // an image or a histogram is named, not shown as its reference
  return objectText(value) ?? valueText(value);
}
