/**
 * The printed lines of a run, as in a terminal: followed while it runs, searched, and chosen by process and stream.
 */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { type LineSelection, type LogSearch, logHitsQuery, logStreamsQuery } from "@/api/files/logs";
import { errorsOnce, NAMED_ERRORS } from "@/data/text/console/log-levels";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { useShownRun } from "../shown-run";
import { logSources } from "./log-sources";
import { LogTerminal } from "./log-terminal";
import { LogTools } from "./log-tools";
import { type LogUrl, searchOf, useLogUrl } from "./log-url";
import { NoLogs } from "./no-logs";
import "./logs.css";

const HITS_MILLIS = 3000;
const NAMED_SEARCH: LogSearch = { text: NAMED_ERRORS, isRegex: true };
const NO_SEARCH: LogSearch = { text: "", isRegex: false };

export function LogsTab() {
  const { project, run } = useShownRun();
  const [url, change] = useLogUrl();
  const streams = useQuery(logStreamsQuery(project, run.id));
  const sources = useMemo(() => logSources(streams.data ?? []), [streams.data]);
  const source = sources.find(({ value }) => value === url.source);
  const writers = source?.writers;
  const selection = useMemo<LineSelection>(
    () => ({ writers: writers ?? null, stream: url.stream }),
    [writers, url.stream],
  );
  const { find, isRegex, level } = url;
  const logSearch = useMemo(() => searchOf({ find, isRegex, level }), [find, isRegex, level]);
  const search = useDeferredValue<LogSearch>(logSearch);
  const hits = useQuery({
    ...logHitsQuery(project, run.id, selection, search),
    placeholderData: logSearch.text ? keepPreviousData : undefined,
    refetchInterval: run.state === "running" && logSearch.text ? HITS_MILLIS : false,
  });
  const positions = logSearch.text && !hits.isError ? (hits.data?.positions ?? null) : null;
  // a traceback has two lines of the level
  const named = useQuery({
    ...logHitsQuery(project, run.id, selection, level === "error" ? NAMED_SEARCH : NO_SEARCH),
    refetchInterval: run.state === "running" && level === "error" ? HITS_MILLIS : false,
  });
  const namedPositions = named.data?.positions;
  const steps = useMemo(() => {
    if (level !== "error" || positions === null || named.isError) return positions;
    return namedPositions ? errorsOnce(positions, namedPositions) : null;
  }, [level, positions, namedPositions, named.isError]);
  const isComplete = hits.data?.complete ?? true;
  const answeredSearch = hits.data?.search ?? search;
  const matches =
    url.onlyMatches && logSearch.text ? { search: answeredSearch, positions, isComplete } : null;
  const input = useRef<HTMLInputElement>(null);
  const [seen, setSeen] = useState(0);

  const isSearched = steps !== null && !hits.isPlaceholderData && search.text === logSearch.text;
  // a fast person presses Enter before the answer has come
  const goNext = useAwaited(isSearched, () => goTo(1));
  const goBack = useAwaited(isSearched, () => goTo(-1));
  const goTo = (step: 1 | -1) => {
    if (!steps?.length) return;
    const at = url.line ?? seen - 1;
    const next =
      step === 1
        ? (steps.find((position) => position > at) ?? steps[0])
        : (steps.findLast((position) => position < at) ?? steps.at(-1));
    change({ line: next! });
  };
  // the last error of a log is most likely why its run ended
  const last = level !== null && isSearched ? steps.at(-1) : undefined;
  const jumped = useRef<LogUrl["level"]>(null);
  useEffect(() => {
    if (level === null) jumped.current = null;
    else if (last !== undefined && jumped.current !== level) {
      jumped.current = level;
      if (url.line === null) change({ line: last });
    }
  }, [level, last, url.line, change]);

  if (streams.isPending) {
    return (
      <section className="logs" aria-label="Logs" aria-busy="true">
        <div className="toolbar" />
        <div className="log-late">
          <SkeletonRows n={16} height={18} />
        </div>
      </section>
    );
  }
  if (streams.isError && !streams.data) {
    return (
      <section className="logs none" aria-label="Logs">
        <Fault title="The output could not be read" error={streams.error} onRetry={streams.refetch} />
      </section>
    );
  }
  if (streams.data.length === 0) return <NoLogs state={run.state} />;
  return (
    <section className="logs" aria-label="Logs">
      <LogTools
        url={url}
        change={change}
        sources={sources}
        selection={selection}
        hits={steps}
        isComplete={isComplete}
        problem={hits.isError ? hits.error.message : null}
        input={input}
        onStep={(step) => (step === 1 ? goNext() : goBack())}
      />
      <LogTerminal
        key={JSON.stringify([selection, matches !== null])}
        url={url}
        search={logSearch}
        change={change}
        selection={selection}
        sources={source ? [] : sources}
        positions={positions}
        matches={matches}
        onSeen={setSeen}
      />
    </section>
  );
}
