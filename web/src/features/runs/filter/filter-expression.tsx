/** A filter as text, with columns and values to complete it, and the place where it is wrong. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, type KeyboardEvent, type Ref, useEffect, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { ApiError } from "@/api/client";
import { filterTreeQuery } from "@/api/runs/filters";
import { columnValuesQuery } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { type Completion, caretAfter, completionAt, misreadEnd } from "@/data/filter/completion";
import { numberLabels } from "@/data/filter/number-labels";
import { columnText, isMissing } from "@/data/filter/tree";
import { unfinishedFilter } from "@/data/filter/unfinished";
import { useColumnSearch } from "@/panels/settings/use-column-search";
import { useSettled } from "@/ui/hooks/use-settled";
import { useStable } from "@/ui/hooks/use-stable";
import { useFilter, useReadFilter, useSetFilter } from "./use-filter";

const ALL = { filter: "", search: "", isRegex: false };
const OFFERED = 7;
const OPENING_QUOTE = /^["']/;
/** Columns to suggest for an unknown name. */
const MEANT = 3;
/** The server knows the runs' own columns; those of config and summary are the project's. */
const UNKNOWN_COLUMN = /no column is called '([^']+)'/;

interface FilterExpressionProps {
  readonly project: ProjectRef;
  /** It was chosen just now, and is typed next. */
  readonly hasFocus: boolean;
}

export function FilterExpression({ project, hasFocus }: FilterExpressionProps) {
  const filter = useFilter();
  const setFilter = useSetFilter();
  const [text, setText] = useState(filter);
  const [written, setWritten] = useState(filter);
  if (filter !== written) {
    setWritten(filter);
    setText(filter);
  }
  const [filterBefore, setFilterBefore] = useState<string | null>(null);
  const settled = useSettled(text);
  const isEmpty = settled.trim() === "";
  const unfinished = unfinishedFilter(text);
  const read = useQuery({
    ...filterTreeQuery(settled),
    enabled: !isEmpty && settled === text && unfinished === null,
  });
  const isGood = isEmpty || (unfinished === null && read.isSuccess);
  // what is wrong changes nothing; what is right holds at once
  const isDue = isGood && settled === text && text !== filter;
  useEffect(() => {
    if (isDue) setFilter(text, true);
  }, [isDue, text, setFilter]);
  const client = useQueryClient();
  const readFilter = useReadFilter();
  const finish = useStable(async () => {
    if (text === filter || unfinished !== null) return;
    // an invalid one says nothing; what else fails shows where the filter is read next
    const isRead = async () => (await client.ensureQueryData(filterTreeQuery(text))) !== undefined;
    if (text.trim() !== "" && !(await isRead().catch(() => false))) return;
    if (readFilter() === filter) setFilter(text, true);
  });
  // its window may be closed before the server has read what was typed last
  useEffect(() => () => void finish(), [finish]);
  const wrong =
    !isEmpty && settled === text && unfinished === null && read.error instanceof ApiError ? read.error : null;
  const commit = () => {
    // read once more, what is wrong would lose the columns that are proposed for it before one is clicked
    if (unfinished !== null || wrong !== null) return;
    setFilterBefore(null);
    void finish();
  };
  const revert = () => {
    setFilterBefore(null);
    setText(filterBefore ?? filter);
    if (filterBefore !== null && filterBefore !== filter) setFilter(filterBefore, true);
  };
  return (
    <div className="fb-text">
      <Editor
        project={project}
        text={text}
        wrong={wrong}
        unfinished={settled === text ? unfinished : null}
        hasFocus={hasFocus}
        onText={(next) => {
          setFilterBefore(filterBefore ?? filter);
          setText(next);
        }}
        onDone={commit}
        {...(filterBefore !== null && { onGiveUp: revert })}
      />
    </div>
  );
}

/** Whether a text is only not whole yet: something is expected at its end. */
function isUnfinished(text: string, { column }: ApiError): boolean {
  return column !== null && column > text.trimEnd().length;
}

interface WrongProps {
  readonly project: ProjectRef;
  readonly text: string;
  readonly error: ApiError;
  /** Replace an unknown name by a column's. */
  onColumn(word: string, column: string): void;
}

/** The fault, or what is only expected next; its position is marked in the field. */
function Wrong({ project, text, error, onColumn }: WrongProps) {
  const { column } = error;
  const word = UNKNOWN_COLUMN.exec(error.message)?.[1] ?? "";
  const search = useColumnSearch(project, word);
  const reason = error.message.replace(/^column \d+: /, "");
  if (isUnfinished(text, error))
    return (
      <p className="muted" role="status">
        {reason.replace(/ is expected, not the end$/, " comes next")}
      </p>
    );
  const columns = word === "" || !search.isCurrent ? [] : search.columns.slice(0, MEANT);
  return (
    <div className="errt" role="alert">
      {column !== null && <b>Character {column}: </b>}
      {columns.length === 0 ? (
        reason
      ) : (
        <>
          no column is called “{word}”. Did you mean{" "}
          {columns.map(({ column: name }, i) => (
            <Fragment key={name}>
              {i > 0 && (i === columns.length - 1 ? " or " : ", ")}
              <button type="button" onClick={() => onColumn(word, name)}>
                {name}
              </button>
            </Fragment>
          ))}
          ?
        </>
      )}
    </div>
  );
}

/** The text once more, under the field: there the word at a place can be marked. */
function Marked({ text, column, ref }: { text: string; column: number; ref: Ref<HTMLDivElement> }) {
  const start = column - 1;
  const word = /^\S+/.exec(text.slice(start))?.[0] ?? "";
  return (
    <div className="fb-mark mono" aria-hidden="true" ref={ref}>
      {text.slice(0, start)}
      <mark>{word}</mark>
      {text.slice(start + word.length)}
    </div>
  );
}

function Help() {
  return (
    <dl className="fb-help">
      <dt>config.lr &gt; 0.01 and tags has baseline</dt>
      <dd>compare numbers, find a tag</dd>
      <dt>not (state = failed or runtime &lt; 5m)</dt>
      <dd>brackets, not, spans of time</dd>
      <dt>config.optimizer.name in (adam, adamw)</dt>
      <dd>one of several</dd>
      <dt>name matches "^resnet\d+"</dt>
      <dd>a pattern; contains is part of a text</dd>
      <dt>created &gt; -7d and summary.val/acc exists</dt>
      <dd>an age; whether there is a value</dd>
    </dl>
  );
}

interface EditorProps {
  readonly project: ProjectRef;
  readonly text: string;
  readonly wrong: ApiError | null;
  /** The part that a half-typed filter lacks. */
  readonly unfinished: string | null;
  readonly hasFocus: boolean;
  onText(text: string): void;
  /** Enter with nothing marked in the list, or the focus went elsewhere. */
  onDone(): void;
  /** Escape with the list closed, after something was typed. */
  onGiveUp?(): void;
}

function Editor(props: EditorProps) {
  const { project, text, wrong, unfinished, hasFocus, onText, onDone, onGiveUp } = props;
  const [at, setAt] = useState(text.length);
  // a value and not a place: the list may change below the mark
  const [marked, setMarked] = useState<string | null>(null);
  const [isOpen, setOpen] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const fault = useRef<HTMLDivElement>(null);
  const id = useId();
  const completion = completionAt(text, at);
  const { texts: offered, labels } = useOffered(project, completion);
  const isShown = isOpen && offered.length > 0;
  const active = marked === null ? -1 : offered.indexOf(marked);
  const isWrong = wrong !== null && !isUnfinished(text, wrong);

  useEffect(() => {
    const field = area.current;
    if (!hasFocus || !field) return;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }, [hasFocus]);
  const replace = (from: number, to: number, inserted: string, caret = from + inserted.length) => {
    // the next key may be pressed before the next frame
    flushSync(() => {
      onText(text.slice(0, from) + inserted + text.slice(to));
      setMarked(null);
      setAt(caret);
    });
    area.current?.focus();
    area.current?.setSelectionRange(caret, caret);
  };
  const choose = (value: string) => replace(completion.from, completion.to, `${value} `);
  const onColumn = (word: string, name: string) => {
    const from = (wrong?.column ?? 1) - 1;
    if (!text.startsWith(word, from)) return;
    const to = misreadEnd(text, from, word, name);
    const inserted = columnText(name);
    replace(from, to, inserted, caretAfter(at, from, to, inserted));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isListKey = event.key === "Tab" || event.key.startsWith("Arrow");
    if (isListKey && !isShown) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setMarked(offered[Math.min(offered.length - 1, active + step)] ?? null);
    } else if ((event.key === "Enter" || event.key === "Tab") && isShown && offered[active]) {
      event.preventDefault();
      choose(offered[active]);
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      setOpen(false);
      onDone();
    } else if (event.key === "Escape" && (isShown || onGiveUp)) {
      event.stopPropagation();
      setOpen(false);
      if (!isShown) onGiveUp?.();
    }
  };
  return (
    <>
      <div className="fb-area">
        {isWrong && wrong.column !== null && <Marked text={text} column={wrong.column} ref={fault} />}
        <textarea
          ref={area}
          className={`mono ${isWrong ? "err" : ""}`}
          rows={3}
          aria-label="Filter expression"
          aria-controls={isShown ? id : undefined}
          aria-autocomplete="list"
          aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={isWrong || undefined}
          spellCheck={false}
          data-autofocus
          placeholder="config.lr > 0.01 and state = finished"
          value={text}
          onChange={(event) => {
            onText(event.target.value);
            setAt(event.target.selectionStart);
            setMarked(null);
            setOpen(true);
          }}
          onSelect={(event) => setAt(event.currentTarget.selectionStart)}
          onBlur={() => {
            setOpen(false);
            onDone();
          }}
          onScroll={(event) => {
            if (fault.current) fault.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {/* their room is kept, so that nothing moves while one types */}
      <div className="fb-say">
        {unfinished && (
          <p className="muted" role="status">
            {unfinished}
          </p>
        )}
        {wrong && <Wrong project={project} text={text} error={wrong} onColumn={onColumn} />}
      </div>
      <div className="fb-offers">
        {!isShown && <Help />}
        {isShown && (
          <div className="options" role="listbox" id={id} aria-label="Completions">
            {offered.map((value, i) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
              <div
                key={value}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === active}
                className={`option mono ${i === active ? "hov" : ""}`}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => choose(value)}
              >
                {labels.get(value) ?? value}
              </div>
            ))}
          </div>
        )}
      </div>
    </>
  );
}

interface Offered {
  readonly texts: readonly string[];
  /** Of numbers, shorter. */
  readonly labels: ReadonlyMap<string, string>;
}

const NO_LABELS: ReadonlyMap<string, string> = new Map();

/** Texts that could stand at a place. */
function useOffered(project: ProjectRef, { kind, word, column }: Completion): Offered {
  const { columns } = useColumnSearch(project, kind === "column" ? word.replace(OPENING_QUOTE, "") : "");
  const values = useQuery({
    ...columnValuesQuery(project, column, ALL),
    enabled: kind === "value" && column !== "",
  });
  if (kind === "column")
    return { texts: columns.slice(0, OFFERED).map((entry) => columnText(entry.column)), labels: NO_LABELS };
  if (kind !== "value") return { texts: [], labels: NO_LABELS };
  const scalars = (values.data ?? [])
    .map(({ value }) => value)
    .filter((value) => !isMissing(value) && (typeof value !== "object" || value === null));
  const texts = scalars
    .map((value) => (typeof value === "string" ? JSON.stringify(value) : String(value)))
    .filter((text) => text.toLowerCase().includes(word.toLowerCase().replace(OPENING_QUOTE, "")))
    .slice(0, OFFERED);
  return { texts, labels: numberLabels(column, scalars) };
}
