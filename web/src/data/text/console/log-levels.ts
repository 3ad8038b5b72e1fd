/**
 * The levels of lines that a run printed, told by their text: what loggers write, and what Python prints of exceptions.
 */

export type LogLevel = "error" | "warning";

interface LevelWords {
  readonly level: LogLevel;
  readonly label: string;
  /** For the server's RE2, which has no look-around, and for the page. */
  readonly pattern: string;
}

const NAMED_ERROR = "\\w*Error|error|ERROR|\\w*Exception|CRITICAL|FATAL";
/** Lines that name an error, without those that begin a traceback. */
export const NAMED_ERRORS = `\\b(${NAMED_ERROR})\\b`;
/** Longer tracebacks are rare: what is named further away is another error. */
const TRACEBACK_LINES = 200;

export const LOG_LEVELS: readonly LevelWords[] = [
  {
    level: "error",
    label: "Errors",
    pattern: `\\b(${NAMED_ERROR}|Traceback)\\b`,
  },
  { level: "warning", label: "Warnings", pattern: "\\b(WARN|WARNING|\\w*Warning|warning)\\b" },
];

const FOUND = LOG_LEVELS.map(({ level, pattern }) => ({ level, regex: new RegExp(pattern, "u") }));

/** The gravest level that a line names. Null: it names none. */
export function logLevelOf(text: string): LogLevel | null {
  return FOUND.find(({ regex }) => regex.test(text))?.level ?? null;
}

/**
 * The lines of errors; each traceback is one, the line at its end.
 *
 * @param positions all lines of the level, in order
 * @param named those of `NAMED_ERRORS` among them
 */
export function errorsOnce(positions: readonly number[], named: readonly number[]): readonly number[] {
  const namedSet = new Set(named);
  return positions.filter((position, i) => {
    const next = positions[i + 1];
    const hasEnd = next !== undefined && namedSet.has(next) && next - position <= TRACEBACK_LINES;
    return namedSet.has(position) || !hasEnd;
  });
}
