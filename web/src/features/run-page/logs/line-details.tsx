/** The values logged at the moment of the chosen line, and the way to the charts at that step. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type LogLine, rowAtTimeQuery } from "@/api/files/logs";
import { formatCount, formatExact, formatExactly, formatValue } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { MidName } from "@/ui/text/mid-name";
import { TABS } from "../run-tabs";
import { useShownRun } from "../shown-run";

const SHOWN_METRICS = 8;
/** Of the step, on both of its sides, what the charts show; at least so many steps. */
const MARGIN = 0.05;
const LEAST_MARGIN = 50;

interface LineDetailsProps {
  readonly position: number;
  readonly line: LogLine;
  /** Shows the lines before and after it. Null: they are shown. */
  readonly onAround: (() => void) | null;
  onClose(): void;
}

export function LineDetails({ position, line, onAround, onClose }: LineDetailsProps) {
  const { project, run } = useShownRun();
  const { data: row, error, isPending } = useQuery(rowAtTimeQuery(project, run.id, line.time_micros));
  const margin = row ? Math.max(LEAST_MARGIN, Math.abs(row.step) * MARGIN) : 0;
  return (
    <section className="log-moment" aria-label="The chosen line">
      <div className="log-values">
        <span className="tn">line {formatCount(position + 1)}</span>
        <span className="muted tn">{formatExact(line.time_micros)}</span>
        {row ? (
          <>
            <Link
              to={TABS.charts}
              params={{ ...project, run: run.id }}
              search={{ zoom: `*step:${row.step - margin}:${row.step + margin}` } as never}
              title="The charts around this step"
            >
              step {formatExactly(row.step)}
            </Link>
            {row.numbers.slice(0, SHOWN_METRICS).map(([metric, value]) => (
              <span className="log-metric" key={metric}>
                <MidName name={metric} className="muted" />
                <b className="tn">{formatValue(value)}</b>
              </span>
            ))}
            {row.numbers.length > SHOWN_METRICS && (
              <span className="muted tn">and {formatCount(row.numbers.length - SHOWN_METRICS)} more</span>
            )}
          </>
        ) : (
          <span className="muted" role="status">
            {isPending ? "" : error ? error.message : "Nothing was logged by then"}
          </span>
        )}
      </div>
      {onAround && (
        <Button isSmall onClick={onAround}>
          Show the lines around it
        </Button>
      )}
      <IconButton
        icon="link"
        label="Copy the link to this line"
        isSmall
        onClick={() => void copyText(window.location.href, "the link to this line")}
      />
      <IconButton icon="x" label="Close" isSmall onClick={onClose} />
    </section>
  );
}
