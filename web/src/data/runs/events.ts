/** Events of a run besides its curves: alerts, gaps where rows were lost, ends and resumptions. Pure. */

/** Drawn as a flag (alert), a hatched stretch of the axis (gap), or a mark on the curve (resumption, end by a failure). */
export interface RunEvent {
  readonly kind: "alert" | "gap" | "resume" | "end";
  readonly run: string;
  /** The last step logged before it; null: none was, and of the run's end. */
  readonly step: number | null;
  /** The first step logged after it; null: none was. */
  readonly endStep: number | null;
  /** µs since 1970, of a gap its beginning and its end, of a resumption when the run had ended and when it went on. */
  readonly timeMicros: number;
  readonly endMicros: number;
  /** The same moments as µs that the run had run, its pauses left out. */
  readonly runtimeMicros: number;
  readonly endRuntimeMicros: number;
  /** Rows that a gap lost; 0 of an alert. */
  readonly nRows: number;
  readonly level: "INFO" | "WARN" | "ERROR";
  /** Of a resumption and an end the state in which the run had ended: `crashed`. */
  readonly title: string;
  readonly text: string;
  readonly exitCode: number | null;
}
