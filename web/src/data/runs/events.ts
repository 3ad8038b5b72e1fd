/**
 * Events of a run besides its curves: alerts, and gaps where rows were lost. Pure.
 */

/** Drawn as a flag (alert) or a hatched stretch of the axis (gap). */
export interface RunEvent {
  readonly kind: "alert" | "gap";
  readonly run: string;
  /** The last step logged before it; null: none was. */
  readonly step: number | null;
  /** The first step logged after a gap; null: none was, and of an alert. */
  readonly endStep: number | null;
  /** µs since 1970, of a gap its beginning and its end. */
  readonly timeMicros: number;
  readonly endMicros: number;
  /** The same moments as µs that the run had run, its pauses left out. */
  readonly runtimeMicros: number;
  readonly endRuntimeMicros: number;
  /** Rows that a gap lost; 0 of an alert. */
  readonly nRows: number;
  readonly level: "INFO" | "WARN" | "ERROR";
  readonly title: string;
  readonly text: string;
}
