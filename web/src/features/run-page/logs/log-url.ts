import type { LogSearch } from "@/api/files/logs";
import { LOG_LEVELS } from "@/data/text/console/log-levels";
import { usePhone } from "@/ui/hooks/use-phone";
import {
  choiceParameter,
  type StateOf,
  switchParameter,
  textParameter,
  useSearchState,
} from "../../search-state";

const LEVELS = LOG_LEVELS.map(({ level }) => level);

export const LOG_URL = {
  find: textParameter("find"),
  isRegex: switchParameter("regex"),
  /** Lines of this level are found, in place of a text. */
  level: choiceParameter("level", LEVELS, null),
  /** Whether only lines that the search finds are shown. */
  onlyMatches: switchParameter("only"),
  /** `rank 3`, or a writer's id; empty: all. */
  source: textParameter("source"),
  stream: choiceParameter("stream", ["stdout", "stderr"], null),
  times: choiceParameter("times", ["clock", "since"], "off"),
  wraps: switchParameter("wrap"),
  /** The chosen line, which the address counts from 1. Null: none. */
  line: {
    name: "line",
    read: (text: string) => (/^[1-9]\d*$/.test(text) ? Number(text) - 1 : null),
    write: (line: number | null) => (line === null ? "" : String(line + 1)),
  },
};

export type LogUrl = StateOf<typeof LOG_URL>;

/** A phone's lines wrap unless the address says otherwise. */
const PHONE_LOG_URL = { ...LOG_URL, wraps: switchParameter("wrap", true) };

/** The search of an address: its level's lines, else its text. */
export function searchOf({ find, isRegex, level }: Pick<LogUrl, "find" | "isRegex" | "level">): LogSearch {
  const words = LOG_LEVELS.find((candidate) => candidate.level === level);
  return words ? { text: words.pattern, isRegex: true } : { text: find, isRegex };
}

export const useLogUrl = () => useSearchState(usePhone() ? PHONE_LOG_URL : LOG_URL);
