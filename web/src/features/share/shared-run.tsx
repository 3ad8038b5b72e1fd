/**
 * The overview of a shared run: state, notes, config and summary.
 */

import type { Run } from "@/api/types";
import MarkdownText from "@/ui/text/markdown-text";
import { valueText } from "./shared-table";
import { leavesOf } from "./shared-values";
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
      <Values title="Config" values={run.config} />
      <Values title="Summary" values={run.summary} />
    </div>
  );
}

function Values({ title, values }: { title: string; values: object }) {
  const leaves = [...leavesOf(values)].filter(([name]) => !name.startsWith("_"));
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
