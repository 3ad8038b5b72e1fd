/** The overview of a shared run: state, notes, config and summary. */

import type { Run } from "@/api/types";
import { summaryValues } from "@/data/runs/summary";
import MarkdownText from "@/ui/text/markdown-text";
import { valueText } from "./shared-table";
import { isScalar, leavesOf, type SharedValue } from "./shared-values";
import "@/ui/cards/cards.css";

export function SharedRun({ run }: { run: Run }) {
  return (
    <div className="shared-run">
      {run.notes && (
        <section className="card" aria-label="Notes">
          <h2>Notes</h2>
          <div className="notes md">
            <MarkdownText text={run.notes} />
          </div>
        </section>
      )}
      <Values title="Config" values={[...leavesOf(run.config)]} />
      <Values title="Summary" values={summaryOf(run)} />
    </div>
  );
}

/** In the order of the run's own page: metrics with a goal first. */
function summaryOf({ summary, definitions }: Run): SharedValue[] {
  return summaryValues(summary as Record<string, unknown>, definitions).flatMap(
    ({ key, aggregate, value }): SharedValue[] =>
      isScalar(value) ? [[aggregate ? `${key} ${aggregate}` : key, value]] : [],
  );
}

interface ValuesProps {
  readonly title: string;
  readonly values: readonly SharedValue[];
}

function Values({ title, values }: ValuesProps) {
  const leaves = values.filter(([name]) => !name.startsWith("_"));
  if (leaves.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <h2>{title}</h2>
      <dl className="shared-values">
        {leaves.map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{valueText(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
