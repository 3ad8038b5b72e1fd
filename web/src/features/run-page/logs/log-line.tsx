/** One line of console output: its number, time and process, and its text in the colours of a terminal. */

import { type CSSProperties, memo } from "react";
import type { LogLine } from "@/api/files/logs";
import { type AnsiLook, type AnsiSpan, ansiSpans } from "@/data/text/console/ansi";
import { logLevelOf } from "@/data/text/console/log-levels";
import { formatCount, formatExact } from "@/data/text/format";
import { Marked } from "@/ui/text/marked";

interface LogLineViewProps {
  readonly position: number;
  readonly line: LogLine | undefined;
  readonly time: string | null;
  /** Null: the process is not shown. */
  readonly source: string | null;
  readonly isChosen: boolean;
  readonly pattern: RegExp | null;
  onChoose(position: number): void;
}

export const LogLineView = memo(function LogLineView(props: LogLineViewProps) {
  const { position, line, time, source, isChosen, pattern, onChoose } = props;
  const spans = ansiSpans(line?.text ?? "");
  const text = spans.map((span) => span.text).join("");
  return (
    <div
      className={`log-line ${isChosen ? "cur" : ""} ${line?.stream === "stderr" ? "stderr" : ""} ${logLevelOf(text) ?? ""}`}
      aria-current={isChosen || undefined}
    >
      <button
        type="button"
        className="log-no tn"
        tabIndex={-1}
        aria-label={`Link to line ${position + 1}`}
        onClick={() => onChoose(position)}
      >
        {formatCount(position + 1)}
      </button>
      {time !== null && (
        <span className="log-time tn" title={line && formatExact(line.time_micros)}>
          {time}
        </span>
      )}
      {source !== null && <span className="log-source ell">{source}</span>}
      <span className="log-text">
        <LineText spans={spans} text={text} pattern={pattern} />
      </span>
    </div>
  );
});

interface LineTextProps {
  readonly spans: readonly AnsiSpan[];
  /** Text of all spans. */
  readonly text: string;
  readonly pattern: RegExp | null;
}

function LineText({ spans, text, pattern }: LineTextProps) {
  const matches = pattern ? spansOf(text, pattern) : [];
  let from = 0;
  return spans.map((span) => {
    const begin = from;
    from += span.text.length;
    const own = matches
      .map(([lo, hi]) => [Math.max(lo - begin, 0), Math.min(hi - begin, span.text.length)] as const)
      .filter(([lo, hi]) => lo < hi);
    return (
      <span key={begin} style={styleOf(span.look)}>
        <Marked text={span.text} spans={own} />
      </span>
    );
  });
}

const MOST_MARKS = 100;

function spansOf(text: string, pattern: RegExp): [number, number][] {
  const spans: [number, number][] = [];
  for (const match of text.matchAll(pattern)) {
    if (match[0]) spans.push([match.index, match.index + match[0].length]);
    if (spans.length >= MOST_MARKS) break;
  }
  return spans;
}

function styleOf(look: AnsiLook): CSSProperties | undefined {
  const { color, background, isInverse } = look;
  const lines = [look.isUnderlined ? "underline" : "", look.isStruck ? "line-through" : ""].join(" ").trim();
  return {
    color: isInverse
      ? (background ?? "var(--w-term-bg)")
      : background && !color
        ? "var(--w-term-bg)"
        : (color ?? undefined),
    background: isInverse ? (color ?? "var(--w-text)") : (background ?? undefined),
    fontWeight: look.isBold ? 700 : undefined,
    opacity: look.isFaint ? 0.75 : undefined,
    fontStyle: look.isItalic ? "italic" : undefined,
    textDecoration: lines || undefined,
  };
}
