/**
 * The view's filter as text, with columns and values to complete it, and the place where it is wrong.
 */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { columnsQuery } from "@/api/columns";
import { filterTreeQuery } from "@/api/filters";
import { columnValuesQuery } from "@/api/groups";
import type { ProjectRef } from "@/api/types";
import { type Completion, completionAt } from "@/data/filter/completion";
import { isMissing } from "@/data/filter/tree";
import { useSetView, useView } from "../view/view-store";
import { useSettled } from "./use-settled";

const ALL = { filter: "", search: "", isRegex: false };
const OFFERED = 7;

export function FilterExpression({ project }: { project: ProjectRef }) {
  const filter = useView((view) => view.filter);
  const setView = useSetView();
  const [text, setText] = useState(filter);
  const [written, setWritten] = useState(filter);
  if (filter !== written) {
    setWritten(filter);
    setText(filter);
  }
  const settled = useSettled(text);
  const isEmpty = settled.trim() === "";
  const read = useQuery({ ...filterTreeQuery(settled), enabled: !isEmpty });
  const isGood = isEmpty || read.isSuccess;
  // what is wrong changes nothing; what is right holds at once
  if (isGood && settled === text && text !== written) {
    setWritten(text);
    queueMicrotask(() => setView({ filter: text }, { coalesce: "filter" }));
  }
  const wrong = !isEmpty && settled === text && read.error instanceof ApiError ? read.error : null;
  return (
    <div className="fb-text">
      <Editor project={project} text={text} wrong={wrong} onText={setText} />
    </div>
  );
}

/** Whether a text is only not whole yet: something is expected at its end. */
function isUnfinished(text: string, { column }: ApiError): boolean {
  return column !== null && column > text.trimEnd().length;
}

/** The line that is wrong with a mark under the place, and what is expected there. */
function Wrong({ text, error }: { text: string; error: ApiError }) {
  const { column } = error;
  const reason = error.message.replace(/^column \d+: /, "");
  if (isUnfinished(text, error))
    return (
      <p className="muted" role="status">
        {reason.replace(/ is expected, not the end$/, " comes next")}
      </p>
    );
  const before = column === null ? "" : text.slice(0, column - 1);
  const line = before.lastIndexOf("\n") + 1;
  return (
    <div className="fb-wrong" role="alert">
      {column !== null && (
        <pre aria-hidden="true">
          {text.slice(line, column - 1)}
          <mark>{text.slice(column - 1).split(/[\s\n]/, 1)[0] || " "}</mark>
          {text
            .slice(column - 1)
            .split("\n", 1)[0]
            ?.replace(/^\S*/, "")}
        </pre>
      )}
      <span className="errt">
        {column !== null && <b>Column {column}: </b>}
        {reason}
      </span>
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
  onText(text: string): void;
}

function Editor({ project, text, wrong, onText }: EditorProps) {
  const [at, setAt] = useState(text.length);
  const [active, setActive] = useState(-1);
  const [isOpen, setOpen] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const completion = completionAt(text, at);
  const offered = useOffered(project, completion);
  const isShown = isOpen && offered.length > 0;
  const isWrong = wrong !== null && !isUnfinished(text, wrong);

  const choose = (value: string) => {
    const inserted = `${value} `;
    const end = completion.from + inserted.length;
    onText(text.slice(0, completion.from) + inserted + text.slice(completion.to));
    setActive(-1);
    setAt(end);
    requestAnimationFrame(() => area.current?.setSelectionRange(end, end));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (!isShown) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive(Math.max(-1, Math.min(offered.length - 1, active + step)));
    } else if ((event.key === "Enter" || event.key === "Tab") && offered[active]) {
      event.preventDefault();
      choose(offered[active]);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      setOpen(false);
    }
  };
  return (
    <>
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
          setActive(-1);
          setOpen(true);
        }}
        onSelect={(event) => setAt(event.currentTarget.selectionStart)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      {/* their room is kept, so that nothing moves while one types */}
      <div className="fb-say">{wrong && <Wrong text={text} error={wrong} />}</div>
      <div className="fb-offers">
        {!isShown && <Help />}
        {isShown && (
          <div className="options" role="listbox" id={id} aria-label="Completions">
            {offered.map((value, i) => (
              <div
                key={value}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === active}
                className={`option mono ${i === active ? "hov" : ""}`}
                onPointerDown={(event) => {
                  event.preventDefault();
                  choose(value);
                }}
              >
                {value}
              </div>
            ))}
          </div>
        )}
      </div>
    </>
  );
}

/** Texts that could stand at a place. */
function useOffered(project: ProjectRef, { kind, word, column }: Completion): readonly string[] {
  const columns = useInfiniteQuery({
    ...columnsQuery(project, useSettled(kind === "column" ? word : "")),
    enabled: kind === "column",
  });
  const values = useQuery({
    ...columnValuesQuery(project, column, ALL),
    enabled: kind === "value" && column !== "",
  });
  if (kind === "column")
    return (columns.data?.pages[0]?.columns ?? []).map((one) => one.column).slice(0, OFFERED);
  if (kind !== "value") return [];
  return (values.data ?? [])
    .filter(({ value }) => !isMissing(value) && (typeof value !== "object" || value === null))
    .map(({ value }) => (typeof value === "string" ? JSON.stringify(value) : String(value)))
    .filter((text) => text.toLowerCase().includes(word.toLowerCase().replace(/^["']/, "")))
    .slice(0, OFFERED);
}
