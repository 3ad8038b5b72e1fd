/** Bars of what is stored: by kind, and by the week in which it came. */

import type { EntityUsage, ProjectUsage } from "@/api/people/usage";
import { formatBytes, formatNoun } from "@/data/text/format";
import "./usage.css";

type Bytes = Pick<ProjectUsage, "metric_bytes" | "file_bytes" | "artifact_bytes" | "trash_bytes">;

const KINDS = [
  { key: "metric_bytes", name: "metrics", color: "var(--w-seq-5)" },
  { key: "artifact_bytes", name: "artifacts", color: "var(--w-seq-3)" },
  { key: "file_bytes", name: "files", color: "var(--w-seq-4)" },
  { key: "trash_bytes", name: "trash", color: "var(--w-disabled)" },
] as const;

const FILES = KINDS[2];
const ARTIFACTS = KINDS[1];

function kindsText(bytes: Bytes): string {
  return KINDS.filter(({ key }) => bytes[key] > 0)
    .map(({ key, name }) => `${name} ${formatBytes(bytes[key])}`)
    .join(", ");
}

interface KindBarProps {
  readonly bytes: Bytes;
  /** The amount of a whole bar. */
  readonly whole: number;
}

/** One bar of all kinds; its length is by a common scale. */
export function KindBar({ bytes, whole }: KindBarProps) {
  return (
    <span className="kind-bar" role="img" aria-label={kindsText(bytes) || "nothing"} title={kindsText(bytes)}>
      {KINDS.map(({ key, color }) => (
        <i key={key} style={{ width: `${whole > 0 ? (bytes[key] / whole) * 100 : 0}%`, background: color }} />
      ))}
    </span>
  );
}

/** A bar of files alone. */
export function FileBar({ n, whole }: { n: number; whole: number }) {
  return (
    <KindBar bytes={{ metric_bytes: 0, file_bytes: n, artifact_bytes: 0, trash_bytes: 0 }} whole={whole} />
  );
}

interface KindsCardProps {
  readonly usage: EntityUsage;
  /** Whether its amounts are those of all projects, so that the rest of the quota is free. */
  readonly isWhole: boolean;
}

export function KindsCard({ usage, isWhole }: KindsCardProps) {
  const sum = (key: keyof Bytes) => usage.projects.reduce((total, project) => total + project[key], 0);
  const bytes: Bytes = {
    metric_bytes: sum("metric_bytes"),
    file_bytes: sum("file_bytes"),
    artifact_bytes: sum("artifact_bytes"),
    trash_bytes: sum("trash_bytes"),
  };
  const total = KINDS.reduce((all, { key }) => all + bytes[key], 0);
  const quota = isWhole ? usage.quota_bytes : null;
  const whole = Math.max(total, quota ?? 0);
  return (
    <section className="card usage-kinds" aria-label="By kind">
      <h2>By kind</h2>
      <div>
        <KindBar bytes={bytes} whole={whole} />
        <ul className="usage-legend">
          {KINDS.map(({ key, name, color }) => (
            <li key={key}>
              <i style={{ background: color }} />
              {name} <b className="tn">{formatBytes(bytes[key])}</b>
            </li>
          ))}
          {quota !== null && (
            <li className="free">
              free <b className="tn">{formatBytes(Math.max(0, quota - usage.n_bytes))}</b>
            </li>
          )}
        </ul>
      </div>
    </section>
  );
}

export function WeeksCard({ weeks }: { weeks: EntityUsage["weeks"] }) {
  const largest = Math.max(...weeks.map((week) => week.file_bytes + week.artifact_bytes));
  const mostRuns = Math.max(...weeks.map((week) => week.n_runs));
  const first = weeks[0];
  if (!first || mostRuns + largest === 0) return null;
  return (
    <section className="card" aria-label="By week">
      <h2>By week</h2>
      <p className="meta">
        Files and artifacts that came in each week and are still stored, and how many runs began. Deleted ones
        and the trash are left out.
      </p>
      <ul className="usage-weeks">
        {weeks.map(({ start_micros, n_runs, file_bytes, artifact_bytes }) => {
          const text = [
            `Week of ${weekText(start_micros)}`,
            formatNoun(n_runs, "run"),
            `files ${formatBytes(file_bytes)}`,
            `artifacts ${formatBytes(artifact_bytes)}`,
          ].join(", ");
          return (
            <li key={start_micros} aria-label={text} title={text}>
              <span className="column">
                <i style={{ height: share(file_bytes, largest), background: FILES.color }} />
                <i style={{ height: share(artifact_bytes, largest), background: ARTIFACTS.color }} />
              </span>
              <span className="column runs">
                <i style={{ height: share(n_runs, mostRuns) }} />
              </span>
            </li>
          );
        })}
      </ul>
      <div className="row usage-ends meta tn">
        <span className="grow">{weekText(first.start_micros)}</span>
        <span>
          up to {formatBytes(largest)} and {formatNoun(mostRuns, "run")} a week
        </span>
        <span className="grow end">this week</span>
      </div>
    </section>
  );
}

/** The first day of a week, which is one in UTC. */
function weekText(micros: number): string {
  const day = { timeZone: "UTC", year: "numeric", month: "short", day: "numeric" } as const;
  return new Date(micros / 1000).toLocaleDateString(undefined, day);
}

function share(amount: number, whole: number): string {
  return whole > 0 ? `${(amount / whole) * 100}%` : "0";
}
