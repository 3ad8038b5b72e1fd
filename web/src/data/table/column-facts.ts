export interface ColumnFacts {
  readonly column: string;
  /** Runs by kind of value: `number, bool, text, none, nonfinite, other`. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly n_runs: number;
  /** Some different values. */
  readonly samples?: readonly unknown[];
  /** The summary of a metric that no run wants to see by itself. */
  readonly hidden?: boolean;
  /** Of the metric that it is the summary of. */
  readonly goal?: Goal | null;
}

/** Whether a metric should be low or high, as `define_metric` has it. */
export type Goal = "minimize" | "maximize";

/** Whether the known values of several runs are all the same. */
export function isConstant({ n_runs, samples = [] }: Pick<ColumnFacts, "n_runs" | "samples">): boolean {
  return n_runs > 1 && samples.length === 1;
}
