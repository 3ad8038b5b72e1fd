/**
 * The field of an expression: names and functions in colour, completion, and what is wrong with what to
 * type instead.
 */

import { Popover } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import {
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from "react";
import { expressionQuery } from "@/api/expressions";
import { metricSearchQuery } from "@/api/metrics";
import type { ProjectRef } from "@/api/types";
import {
  type Completion,
  complete,
  completionsFor,
  EXPRESSION_FUNCTIONS,
  matchIn,
  wordAt,
} from "@/data/expression/completion";
import { exactText, readableText, tokensOf } from "@/data/expression/expression-text";
import { formatNoun } from "@/data/format";
import { Icon } from "@/ui/icons";
import { type ExpressionFault, faultOf } from "./expression-fault";
import { type KnownNames, useKnownNames } from "./use-known-names";
import "./expression-field.css";

const OFFERED = 7;
/** A person who stops this long may be done: the chart then shows it. */
const PAUSE_MILLIS = 350;

interface ExpressionFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  /** As the server takes it. */
  readonly text: string;
  readonly placeholder?: string;
  /** In the field, at the right. */
  readonly end?: ReactNode;
  readonly autoFocus?: boolean;
  /** It is an x axis. */
  readonly isAxis?: boolean;
  /** As the server takes it; while it is typed only what is right. */
  onText?(text: string): void;
  /** As it stands in the field, with each key. */
  onTyped?(text: string): void;
}

export function ExpressionField(props: ExpressionFieldProps) {
  const { project, label, text, placeholder, end, autoFocus, isAxis = false, onText, onTyped } = props;
  const [draft, setDraft] = useState(() => readableText(text));
  const [cursor, setCursor] = useState(0);
  const [isFocused, setFocused] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const [isHelp, setHelp] = useState(false);
  /** The offer that arrows chose, by name: the list changes below it. */
  const [marked, setMarked] = useState<string | null>(null);
  /** Tab came before the offers for its word. */
  const [isAwaited, setAwaited] = useState(false);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  /** The text that was last handed on, or came from outside. */
  const sent = useRef(text);
  /** What was typed where the text was handed on before the metrics were known, and so what a slash is. */
  const guessed = useRef<string | null>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const known = useKnownNames(project, [draft]);
  const tokens = tokensOf(draft, known.has);
  const exact = exactText(tokens).trim();
  const settled = useSettled(exact);
  const check = useQuery({ ...expressionQuery(project, settled, isAxis), enabled: settled !== "" });
  const isChecked = settled === exact && check.data !== undefined;
  const fault = isChecked && known.isLoaded ? faultOf(tokens, known, check.data ?? null) : null;

  const send = (next: string) => {
    sent.current = next;
    guessed.current = known.isLoaded ? null : draft;
    onText?.(next);
  };
  // another panel's text, or an undone change; not what was typed here, of which there may be more by now
  useEffect(() => {
    if (text === sent.current) return;
    sent.current = text;
    setDraft(readableText(text));
  }, [text]);
  const isDone = isFocused && isChecked && known.isLoaded && fault === null && exact !== "" && exact !== text;
  const sendDone = useEffectEvent(() => send(exact));
  useEffect(() => {
    if (isDone) sendDone();
  }, [isDone]);
  const sendKnown = useEffectEvent(() => {
    if (guessed.current === draft && exact !== text) send(exact);
    guessed.current = null;
  });
  useEffect(() => {
    if (known.isLoaded) sendKnown();
  }, [known.isLoaded]);

  const { word } = wordAt(draft, cursor);
  const { offered, areCurrent } = useOffered(project, known, isHelp ? "" : word, isOpen);
  const shown = isHelp ? functionsOnly() : offered;
  const found = shown.findIndex((choice) => nameOf(choice) === marked);
  const active = Math.max(0, found);
  // what is written out needs no offer, which would cover the fields below
  const isWhole = shown.length === 1 && shown[0]!.name === word;
  const isListed =
    isFocused && isOpen && shown.length > 0 && !isWhole && (isHelp || word !== "" || draft === "");
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const type = (next: string) => {
    setDraft(next);
    onTyped?.(next);
  };
  const put = (next: string, place: number) => {
    type(next);
    setCursor(place);
    requestAnimationFrame(() => input.current?.setSelectionRange(place, place));
  };
  const accept = (choice: Completion) => {
    const done = complete(draft, cursor, choice);
    put(done.text, done.cursor);
    setOpen(choice.kind === "function");
    setHelp(false);
    setMarked(null);
  };
  const acceptAwaited = useEffectEvent(() => {
    setAwaited(false);
    if (isListed) accept(shown[active]!);
  });
  const isAnswered = isAwaited && areCurrent;
  useEffect(() => {
    if (isAnswered) acceptAwaited();
  }, [isAnswered]);
  const finish = () => {
    if (exact !== text) send(exact);
  };
  const fix = (next: string) => {
    put(next, next.length);
    input.current?.focus();
    send(exactText(tokensOf(next, known.has)).trim());
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "F1") {
      setHelp(!isHelp);
      setOpen(true);
    } else if (isListed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const next = active + (event.key === "ArrowDown" ? 1 : -1);
      setMarked(nameOf(shown[Math.max(0, Math.min(shown.length - 1, next))]!));
    } else if (isHalf && event.key === "Tab" && !event.shiftKey) setAwaited(true);
    else if (isListed && (event.key === "Tab" || event.key === "Enter") && !event.shiftKey && isMoved(event))
      accept(shown[active]!);
    else if (event.key === "Enter") {
      setOpen(false);
      finish();
    } else if (event.key === "Escape" && isListed) {
      setOpen(false);
      setHelp(false);
      event.stopPropagation();
    } else return;
    event.preventDefault();
  };
  /** Tab accepts only what is half typed; Enter accepts what was chosen, else it is the end. */
  const isMoved = (event: KeyboardEvent) =>
    event.key === "Tab" ? word !== "" || isHelp : found >= 0 || isHelp;
  /** What is typed may be the beginning of a name: the offers for it are on their way. */
  const isHalf = isOpen && !isHelp && word !== "" && found < 0 && !areCurrent && !known.has(word);

  const isErr = fault !== null && (!isFocused || !isListed);
  return (
    <div className="ex-field">
      <Popover opened={isListed} position="bottom-start" width="target" trapFocus={false} withRoles={false}>
        <Popover.Target>
          <div className={`inp ${isErr ? "err" : ""}`}>
            <span className="fx0">fx</span>
            <div className="ex-box">
              <div className="ex" aria-hidden="true" ref={mirror}>
                {tokens.map((token) => (
                  <span key={token.at} className={isErr && fault.isAt(token) ? "bad" : token.kind}>
                    {token.text}
                  </span>
                ))}
              </div>
              <input
                ref={input}
                type="text"
                role="combobox"
                aria-label={label}
                aria-expanded={isListed}
                aria-controls={isListed ? id : undefined}
                aria-autocomplete="list"
                aria-activedescendant={isListed ? `${id}-${active}` : undefined}
                aria-invalid={isErr || undefined}
                aria-describedby={isErr ? `${id}-fault` : undefined}
                placeholder={placeholder}
                autoComplete="off"
                spellCheck={false}
                // biome-ignore lint/a11y/noAutofocus: of a row that a person just added
                autoFocus={autoFocus}
                value={draft}
                onFocus={() => setFocused(true)}
                onBlur={() => {
                  setFocused(false);
                  setOpen(false);
                  setHelp(false);
                  setAwaited(false);
                  finish();
                }}
                onChange={(event) => {
                  type(event.target.value);
                  setCursor(event.target.selectionStart ?? event.target.value.length);
                  setOpen(true);
                  setHelp(false);
                  setMarked(null);
                  setAwaited(false);
                }}
                onSelect={(event) => setCursor(event.currentTarget.selectionStart ?? 0)}
                onScroll={(event) => {
                  if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
                }}
                onKeyDown={onKey}
              />
            </div>
            {isErr ? <Icon name="warn" isSmall /> : end}
          </div>
        </Popover.Target>
        <Popover.Dropdown className="ex-list">
          <div
            className="options"
            role="listbox"
            id={id}
            aria-label="Metrics, config and functions"
            ref={list}
          >
            {shown.map((choice, i) => (
              <Offer
                key={nameOf(choice)}
                id={`${id}-${i}`}
                choice={choice}
                word={isHelp ? "" : word}
                isActive={i === active}
                onChoose={() => accept(choice)}
              />
            ))}
          </div>
          <div className="ft0">
            <span>
              <kbd>Tab</kbd>accept
            </span>
            <span>
              <kbd>↑ ↓</kbd>choose
            </span>
            <span>
              <kbd>F1</kbd>
              {formatNoun(EXPRESSION_FUNCTIONS.length, "function")}
            </span>
          </div>
        </Popover.Dropdown>
      </Popover>
      {isErr && <Fault id={`${id}-fault`} fault={fault} onFix={fix} draft={draft} />}
    </div>
  );
}

function Fault(props: { id: string; fault: ExpressionFault; draft: string; onFix(text: string): void }) {
  const { fault, draft, onFix } = props;
  const { instead } = fault;
  return (
    <div className="errt" id={props.id} role="alert">
      {fault.says}
      {instead !== null && (
        <>
          {" Did you mean "}
          <button
            type="button"
            // before the field loses its focus
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onFix(draft.slice(0, fault.from) + instead + draft.slice(fault.to))}
          >
            {instead}
          </button>
          ?
        </>
      )}
    </div>
  );
}

const OFFER_ICONS = { metric: "chart", config: "sliders", step: "chart", function: "code" } as const;

function offerWords({ kind, nRuns, isDrawable }: Completion): string {
  if (kind === "step") return "the step of each point";
  return isDrawable ? formatNoun(nRuns, "run") : "cannot be drawn";
}

interface OfferProps {
  readonly id: string;
  readonly choice: Completion;
  readonly word: string;
  readonly isActive: boolean;
  onChoose(): void;
}

function Offer({ id, choice, word, isActive, onChoose }: OfferProps) {
  const { kind, name, isDrawable } = choice;
  const [from, to] = matchIn(name, word);
  const of = kind === "function" ? EXPRESSION_FUNCTIONS.find((known) => known.name === name) : undefined;
  return (
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={`option ${isActive ? "hov" : ""} ${isDrawable ? "" : "muted"}`}
      title={of?.hint}
      onPointerDown={(event) => {
        event.preventDefault();
        onChoose();
      }}
    >
      <Icon name={OFFER_ICONS[kind]} isSmall />
      <span className="ex">
        {name.slice(0, from)}
        <b>{name.slice(from, to)}</b>
        {name.slice(to)}
        {of && `(${of.takes})`}
      </span>
      <span className="end">{of ? (word ? "function" : of.hint) : offerWords(choice)}</span>
    </div>
  );
}

/** Names and functions for the word at the cursor; in a large project the server finds the metrics. */
function useOffered(project: ProjectRef, known: KnownNames, word: string, isOpen: boolean) {
  const isAsked = isOpen && word !== "";
  const found = useQuery({ ...metricSearchQuery(project, word, false, 50), enabled: isAsked });
  const metrics = found.data?.map(({ key, n_runs, kinds }) => ({
    key,
    nRuns: n_runs,
    isDrawable: kinds.some((kind) => kind !== "object"),
  }));
  const names = new Set(metrics?.map(({ key }) => key));
  const all = [...(metrics ?? []), ...known.metrics.filter(({ key }) => !names.has(key))];
  return {
    offered: completionsFor(word, { metrics: all, config: known.config }, OFFERED),
    /** They are all there are for the word, and not what is known of it so far. */
    areCurrent: !isAsked || known.isLoaded || found.isError || (found.isSuccess && !found.isPlaceholderData),
  };
}

/** Of all offers its own. */
function nameOf({ kind, name }: Completion): string {
  return `${kind}:${name}`;
}

function functionsOnly(): Completion[] {
  return EXPRESSION_FUNCTIONS.map(({ name }) => ({
    kind: "function",
    name,
    nRuns: 0,
    isDrawable: true,
    insert: `${name}(`,
  }));
}

/** A value as it was when it last rested. */
function useSettled(value: string): string {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), PAUSE_MILLIS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
