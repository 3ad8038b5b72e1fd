/** The bar of the Logs tab: search, process, stream, times, wrapping, copy, download. */

import { type RefObject, useState } from "react";
import { fetchLogText, type LineSelection, logTextUrl } from "@/api/files/logs";
import { LOG_LEVELS } from "@/data/text/console/log-levels";
import { formatCount } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { SearchField } from "@/ui/fields/search-field";
import { usePhone } from "@/ui/hooks/use-phone";
import { useSearchKeys } from "@/ui/keys/use-search-keys";
import { attempt } from "@/ui/overlays/toasts";
import { useShownRun } from "../shown-run";
import type { LogSource } from "./log-sources";
import type { LogUrl } from "./log-url";
import { StepField } from "./step-field";
import { useFindKey } from "./use-find-key";

interface LogToolsProps {
  readonly url: LogUrl;
  readonly sources: readonly LogSource[];
  readonly selection: LineSelection;
  /** Where the search finds something. Null: nothing is searched, or not answered yet. */
  readonly hits: readonly number[] | null;
  readonly isComplete: boolean;
  readonly problem: string | null;
  readonly input: RefObject<HTMLInputElement | null>;
  change(change: Partial<LogUrl>): void;
  onStep(step: 1 | -1): void;
}

const ALL = "";
const STREAMS = [
  { value: ALL, label: "stdout, stderr" },
  { value: "stdout", label: "stdout" },
  { value: "stderr", label: "stderr" },
] as const;
const TIMES: readonly { value: LogUrl["times"]; label: string }[] = [
  { value: "off", label: "no times" },
  { value: "clock", label: "time of day" },
  { value: "since", label: "since start" },
];

export function LogTools(props: LogToolsProps) {
  const { url, sources, selection, hits, isComplete, problem, input, change, onStep } = props;
  const { project, run } = useShownRun();
  // the address follows a moment later; a field that waited for it would lose its caret
  const [find, setFind] = useState(url.find);
  const isNarrow = usePhone();
  useSearchKeys({ "/": input });
  useFindKey(input);
  const copy = async () => {
    await attempt("Could not copy", async () => {
      await copyText(await fetchLogText(project, run.id, selection), "the log");
    });
  };
  return (
    <div className="toolbar log-tools" role="toolbar" aria-label="Logs">
      <div className="log-search">
        <SearchField
          label="Search logs"
          placeholder={isNarrow ? "Search" : "Search logs"}
          width={260}
          inputRef={input}
          value={find}
          isRegex={url.isRegex}
          error={url.find ? problem : null}
          onChange={(text) => {
            setFind(text);
            change({ find: text, level: null, line: text ? url.line : null });
          }}
          onRegex={(isRegex) => change({ isRegex })}
          // a fast person's text is not in `find` yet
          onEnter={(isBack) => (input.current?.value || url.level) && onStep(isBack ? -1 : 1)}
        />
        {hits && (
          <span className="log-hits tn" role="status">
            {hitText(hits, url.line, isComplete)}
          </span>
        )}
        <IconButton
          icon="up"
          label="Previous match"
          isSmall
          disabled={!hits?.length}
          onClick={() => onStep(-1)}
        />
        <IconButton
          icon="down"
          label="Next match"
          isSmall
          disabled={!hits?.length}
          onClick={() => onStep(1)}
        />
        <Button
          isOn={url.onlyMatches}
          disabled={!url.find && url.level === null}
          title="Show only lines that the search finds"
          onClick={() => change({ onlyMatches: !url.onlyMatches })}
        >
          Only matches
        </Button>
      </div>
      {LOG_LEVELS.map(({ level, label }) => {
        const isOn = url.level === level;
        return (
          <Button
            key={label}
            isOn={isOn}
            title={`Go to the last of the ${label.toLowerCase()}`}
            onClick={() => {
              setFind("");
              change({ find: "", isRegex: false, level: isOn ? null : level, line: null });
            }}
          >
            {label}
          </Button>
        );
      })}
      {sources.length > 1 && (
        <Select
          label="Process"
          isLabelVisible
          value={url.source}
          options={[{ value: ALL, label: "all" }, ...sources.map(({ value, label }) => ({ value, label }))]}
          onChange={(source) => change({ source, line: null })}
        />
      )}
      <Select
        label="Stream"
        isLabelVisible
        value={url.stream ?? ALL}
        options={STREAMS}
        onChange={(stream) => change({ stream: stream === ALL ? null : stream, line: null })}
      />
      <Select
        label="Times"
        isLabelVisible
        value={url.times}
        options={TIMES}
        onChange={(times) => change({ times })}
      />
      <Button isOn={url.wraps} onClick={() => change({ wraps: !url.wraps })}>
        Wrap
      </Button>
      <StepField selection={selection} onLine={(position) => change({ line: position })} />
      <span className="grow" />
      <IconButton icon="copy" label="Copy the log" onClick={() => void copy()} />
      <a className="btn" href={logTextUrl(project, run.id, selection)} download>
        Download
      </a>
    </div>
  );
}

function hitText(hits: readonly number[], line: number | null, isComplete: boolean): string {
  const n = `${formatCount(hits.length)}${isComplete ? "" : " or more"}`;
  const at = line === null ? -1 : hits.indexOf(line);
  return at < 0 ? n : `${formatCount(at + 1)} of ${n}`;
}
