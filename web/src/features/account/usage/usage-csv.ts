/** The usage of an entity as a CSV file: a row for each project, person and week. */

import type { EntityUsage } from "@/api/people/usage";
import { csvLine, escapeFormula } from "@/data/table/csv";
import { fileName, saveFile } from "@/ui/browser/save-file";

const COLUMNS = [
  "of",
  "name",
  "runs",
  "metric_bytes",
  "file_bytes",
  "artifact_bytes",
  "trash_bytes",
  "stored_bytes",
  "quota_bytes",
  "quota_runs",
];

function usageCsv(usage: EntityUsage): string {
  const rows: readonly unknown[][] = [
    [
      "entity",
      usage.entity,
      usage.n_runs,
      null,
      null,
      null,
      null,
      usage.n_bytes,
      usage.quota_bytes,
      usage.quota_runs,
    ],
    ...usage.projects.map((project) => [
      "project",
      project.project,
      project.n_runs,
      project.metric_bytes,
      project.file_bytes,
      project.artifact_bytes,
      project.trash_bytes,
      project.n_bytes,
      project.quota_bytes,
      project.quota_runs,
    ]),
    ...usage.people.map(({ user, n_runs, file_bytes }) => ["person", user, n_runs, null, file_bytes]),
    ...usage.weeks.map(({ start_micros, n_runs, file_bytes, artifact_bytes }) => [
      "week",
      new Date(start_micros / 1000).toISOString().slice(0, 10),
      n_runs,
      null,
      file_bytes,
      artifact_bytes,
    ]),
  ];
  const whole = (row: readonly unknown[]) => COLUMNS.map((_, i) => escapeFormula(row[i] ?? null));
  return [COLUMNS, ...rows.map(whole)].map(csvLine).join("");
}

export function saveUsage(usage: EntityUsage): void {
  saveFile(
    new Blob([usageCsv(usage)], { type: "text/csv;charset=utf-8" }),
    `${fileName(`usage ${usage.entity}`)}.csv`,
  );
}
