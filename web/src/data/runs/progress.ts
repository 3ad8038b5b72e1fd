/**
 * The progress of a run, and its remaining time, where it logs it: a metric `progress` from 0 to 1, or a count
 * that it logs against an end that its config names. Pure.
 *
 * The rule, for people: `docs/guide/find-runs.md`. Columns are those of the filter language.
 */

import { numberOf } from "./summary";

export interface Progress {
  /** 0 … 1. */
  readonly part: number;
  /** Of what is counted, where that is known: 34,400 of 40,000 steps. */
  readonly count: { readonly done: number; readonly end: number; readonly noun: "steps" | "epochs" } | null;
}

const PROGRESS = "summary.progress";

/** Counts of runs, and where configs have their end; the first pair that a run has holds. */
const COUNTS = [
  {
    noun: "steps",
    done: ["summary.global_step", "summary.trainer/global_step", "summary.train/global_step", "summary.step"],
    ends: [
      "config.max_steps",
      "config.total_steps",
      "config.num_train_steps",
      "config.max_train_steps",
      "config.num_steps",
      "config.max_iters",
    ],
  },
  {
    noun: "epochs",
    done: ["summary.epoch", "summary.train/epoch"],
    ends: ["config.num_train_epochs", "config.max_epochs", "config.num_epochs", "config.epochs"],
  },
] as const;

/** The columns that the rule looks at. */
export const PROGRESS_COLUMNS: readonly string[] = [
  PROGRESS,
  ...COUNTS.flatMap(({ done, ends }) => [...done, ...ends]),
];

/** Progress of a run; null when it does not log it. `valueAt` gives a column's value, or null. */
export function progressOf(valueAt: (column: string) => unknown): Progress | null {
  const first = (columns: readonly string[]): number | null => {
    for (const column of columns) {
      const number = numberOf(valueAt(column));
      if (number !== null && Number.isFinite(number)) return number;
    }
    return null;
  };
  const part = first([PROGRESS]);
  if (part !== null && part >= 0 && part <= 1) {
    const end = first(COUNTS[0].ends);
    return {
      part,
      count: end !== null && end > 0 ? { done: Math.round(part * end), end, noun: "steps" } : null,
    };
  }
  for (const { noun, done: counted, ends } of COUNTS) {
    const done = first(counted);
    const end = first(ends);
    // beyond its end, a run was extended, and the end tells nothing of it
    if (done === null || end === null || end <= 0 || done < 0 || done > end) continue;
    return { part: done / end, count: { done, end, noun } };
  }
  return null;
}

/** Seconds until the end if it goes on as until now; null before 1 % is done, and once all is. */
export function secondsLeft(progress: Progress, runtimeSecs: number): number | null {
  if (progress.part < 0.01 || progress.part >= 1) return null;
  return Math.round((runtimeSecs * (1 - progress.part)) / progress.part);
}

/** `valueAt` for `progressOf`, of a run with its whole config and summary. */
export function columnsOf(run: {
  readonly config: Readonly<Record<string, unknown>>;
  readonly summary: Readonly<Record<string, unknown>>;
}): (column: string) => unknown {
  return (column) => {
    const dot = column.indexOf(".");
    const part = column.slice(0, dot) === "config" ? run.config : run.summary;
    return part[column.slice(dot + 1)] ?? null;
  };
}
