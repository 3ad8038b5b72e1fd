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

export const LOG_LEVELS: readonly LevelWords[] = [
  {
    level: "error",
    label: "Errors",
    pattern: "\\b(\\w*Error|error|ERROR|\\w*Exception|CRITICAL|FATAL|Traceback)\\b",
  },
  { level: "warning", label: "Warnings", pattern: "\\b(WARN|WARNING|\\w*Warning|warning)\\b" },
];

const FOUND = LOG_LEVELS.map(({ level, pattern }) => ({ level, regex: new RegExp(pattern, "u") }));

/** The gravest level that a line names. Null: it names none. */
export function logLevelOf(text: string): LogLevel | null {
  return FOUND.find(({ regex }) => regex.test(text))?.level ?? null;
}
