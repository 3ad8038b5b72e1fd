/** Charts that are not drawn: how many, and why. */

import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { RunName } from "../media/grid/media-grid";
import type { UnknownChart } from "./drawings";
import type { ChartFault } from "./faults";

const LISTED = 20;

/** In the head of a panel that draws the others. */
export function FaultsFlag({ faults }: { faults: readonly ChartFault[] }) {
  if (faults.length === 0) return null;
  const isDrawn = faults.every((fault) => fault.isDrawn);
  return (
    <span
      className="flag wrn"
      title={faults
        .slice(0, LISTED)
        .map(({ run, say }) => `${run.name}: ${say}`)
        .join("\n")}
    >
      {formatNoun(faults.length, "run")} {isDrawn ? "in part" : "not drawn"}
    </span>
  );
}

interface ChartFaultsProps {
  readonly faults: readonly ChartFault[];
  readonly unknown: readonly UnknownChart[];
  onTable(): void;
  /** Absent where asking again changes nothing. */
  onRetry?: (() => void) | undefined;
}

/** In place of the charts. */
export function ChartFaults({ faults, unknown, onTable, onRetry }: ChartFaultsProps) {
  const presets = [...new Set(unknown.map(({ preset }) => preset))];
  const isUnknown = presets.length > 0 && unknown.length === faults.length;
  return (
    <div className="say" role="status">
      {isUnknown ? (
        <>
          <b className="ell" title={presets.join("\n")}>
            No preset {presets[0]}
          </b>
          <span>
            Presets that are saved at W&amp;B are not part of weft. Log the table with one of weft's, such as{" "}
            <span className="mono">weft.plot.line</span>, to see a chart here.
          </span>
        </>
      ) : (
        <ul className="chart-faults">
          {faults.slice(0, LISTED).map(({ run, say }, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a run may have several
            <li key={i}>
              <RunName run={run} />
              <span>{say}</span>
            </li>
          ))}
        </ul>
      )}
      <span className="chart-acts">
        {onRetry && (
          <Button isSmall onClick={onRetry}>
            Try again
          </Button>
        )}
        <Button isSmall onClick={onTable}>
          Show its table
        </Button>
      </span>
    </div>
  );
}
