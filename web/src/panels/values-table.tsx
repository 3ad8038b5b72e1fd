/**
 * The table beside a chart in full screen: each run's value under the crosshair, else its last one.
 *
 * A run without a point there stands below the others, without a value.
 */

import { useMemo, useSyncExternalStore } from "react";
import { buildChart, type LineSource, type LineView } from "@/charts/line/line-build";
import { badgeOf, hitsAt } from "@/charts/line/line-interact";
import { crosshair } from "@/charts/shared-state";
import { formatValue } from "@/data/format";
import { MidName } from "@/ui/mid-name";
import { litOnHover, useLitRun } from "./lit";

export function ValuesTable({ sources, view }: { sources: readonly LineSource[]; view: LineView }) {
  const cross = useSyncExternalStore(crosshair.subscribe, crosshair.get);
  const lit = useLitRun();
  const { lines } = useMemo(() => buildChart(sources, view), [sources, view]);
  const x = cross?.axis === view.axis ? cross.x : null;
  const present = lines.filter((line) => line.x.length > 0);
  const rows = x === null ? present.map((line) => ({ line, at: line.x.length - 1 })) : hitsAt(present, x);
  rows.sort((a, b) => b.line.drawn[b.at]! - a.line.drawn[a.at]!);
  const absent = present.filter((line) => !rows.some((row) => row.line === line));
  const hasBand = lines.some((line) => line.hasBand);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    <div className="values" tabIndex={0} role="group" aria-label="Values">
      <table>
        <thead>
          <tr>
            <th colSpan={2}>{x === null ? "Last" : badgeOf(x, view.axis)}</th>
            <th className="num">{view.smoothing > 0 ? "Smoothed" : "Mean"}</th>
            {hasBand && <th className="num">Min</th>}
            {hasBand && <th className="num">Max</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, at }) => (
            <tr key={line.id} className={line.id === lit ? "lit" : ""} {...litOnHover(line.id)}>
              <td>
                <i style={{ borderColor: `var(--w-run-${line.color})` }} />
              </td>
              <td>
                <MidName name={line.name} />
              </td>
              <td className="num v">{formatValue(line.drawn[at]!)}</td>
              {hasBand && <td className="num">{formatValue(line.lo[at]!)}</td>}
              {hasBand && <td className="num">{formatValue(line.hi[at]!)}</td>}
            </tr>
          ))}
          {absent.map((line) => (
            <tr key={line.id} className={line.id === lit ? "lit" : ""} {...litOnHover(line.id)}>
              <td>
                <i style={{ borderColor: `var(--w-run-${line.color})` }} />
              </td>
              <td>
                <MidName name={line.name} />
              </td>
              <td className="num muted" colSpan={hasBand ? 3 : 1}>
                no point here
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
