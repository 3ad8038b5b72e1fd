/** The overview of a shared run: state, notes, config and summary. */

import { useQuery } from "@tanstack/react-query";
import { sharedRunQuery } from "@/api/shares";
import type { ProjectRef, Run } from "@/api/types";
import { configValues } from "@/data/compare/compare-runs";
import { summaryValues } from "@/data/runs/summary";
import { configText, summaryText } from "@/data/text/value-text";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import MarkdownText from "@/ui/text/markdown-text";
import "@/ui/cards/cards.css";

/** @param run as the list of the share's runs has it, which cuts long values off */
export function SharedRun({ project, run }: { project: ProjectRef; run: Run }) {
  const { data: whole, error, refetch } = useQuery(sharedRunQuery(project, run.id));
  return (
    <div className="shared-run">
      {whole ? (
        <RunFacts run={whole} />
      ) : error ? (
        <Fault title="The run's values could not be read" error={error} onRetry={refetch} />
      ) : (
        <SkeletonRows n={6} label="Loading the run's values" />
      )}
    </div>
  );
}

/** Notes, config and summary of a run with all its values. */
export function RunFacts({ run }: { run: Run }) {
  return (
    <>
      {run.notes && (
        <section className="card" aria-label="Notes">
          <h2>Notes</h2>
          <div className="notes md">
            <MarkdownText text={run.notes} />
          </div>
        </section>
      )}
      <Values title="Config" values={configOf(run)} />
      <Values title="Summary" values={summaryOf(run)} />
    </>
  );
}

/** A value in words under its name. */
type NamedText = readonly [name: string, text: string];

function configOf({ config }: Run): readonly NamedText[] {
  const values = [...configValues(config as Record<string, unknown>)];
  return values.map(([name, value]) => [name, configText(value)]);
}

/** In the order of the run's own page. */
function summaryOf({ summary, definitions }: Run): readonly NamedText[] {
  const values = summaryValues(summary as Record<string, unknown>, definitions);
  return values.map(({ key, aggregate, value }) => [
    aggregate ? `${key} ${aggregate}` : key,
    summaryText(value),
  ]);
}

function Values({ title, values }: { title: string; values: readonly NamedText[] }) {
  if (values.length === 0) return null;
  return (
    <section className="card" aria-label={title}>
      <h2>
        {title}
        <span className="badge">{values.length}</span>
      </h2>
      <dl className="shared-values">
        {values.map(([name, text]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
