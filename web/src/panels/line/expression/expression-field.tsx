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
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useStore } from "zustand";
import { expressionQuery } from "@/api/metrics/expressions";
import type { ProjectRef } from "@/api/types";
import { exactText, tokensOf } from "@/data/expression/expression-text";
import { unfinishedOf } from "@/data/expression/unfinished";
import { useSettled } from "@/ui/hooks/use-settled";
import { Icon } from "@/ui/signs/icons";
import { type ExpressionFault, faultOf } from "./expression-fault";
import { ExpressionModel, offersIn } from "./expression-model";
import { ExpressionOffers, useOffered } from "./expression-offers";
import { useProjectNames } from "./use-project-names";
import "./expression-field.css";

/** A person who stops this long may be done: the chart then shows it. */
export const PAUSE_MILLIS = 350;

interface ExpressionFieldProps {
  readonly project: ProjectRef;
  readonly label: string;
  /** Of its input, for a label outside. */
  readonly inputId?: string;
  /** As the server takes it. */
  readonly text: string;
  /** The text that was typed before and not handed on; else `text` as a person types it. */
  readonly firstDraft?: string;
  readonly placeholder?: string;
  /** In the field, at the right. */
  readonly end?: ReactNode;
  readonly autoFocus?: boolean;
  /** It is an x axis. */
  readonly isAxis?: boolean;
  /** The offers appear above it: what is below stays in sight. */
  readonly isListAbove?: boolean;
  /** As the server takes it; while it is typed only what is right. */
  onText?(text: string): void;
  /** As it stands in the field, with each key. */
  onTyped?(text: string): void;
  /** The words below the field on what is wrong with it, once they change; null: nothing. Stable. */
  onFault?(says: string | null): void;
}

export function ExpressionField(props: ExpressionFieldProps) {
  const { project, label, text, placeholder, end, autoFocus, isAxis = false, isListAbove = false } = props;
  const { inputId, firstDraft, onText, onTyped, onFault } = props;
  const [model] = useState(() => new ExpressionModel(text, firstDraft));
  const state = useStore(model.store);
  const { draft, isFocused, isHelp } = state;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const projectNames = useProjectNames(project, [draft]);
  const tokens = tokensOf(draft, projectNames.has);
  const exact = exactText(tokens).trim();
  const settled = useSettled(exact, PAUSE_MILLIS);
  const unfinished = unfinishedOf(tokens);
  const isSettled = settled === exact;
  const check = useQuery({
    ...expressionQuery(project, exact, isAxis),
    enabled: isSettled && exact !== "" && unfinished === null,
  });
  const problem = unfinished ?? check.data;
  const isChecked = isSettled && problem !== undefined;
  const fault = isChecked && projectNames.isLoaded ? faultOf(draft, tokens, projectNames, problem) : null;
  const { offered, areCurrent } = useOffered(project, projectNames, state);
  const { typedWord, shown, active, isListed } = offersIn(state, offered, projectNames.has);
  useLayoutEffect(() =>
    model.see({
      text,
      projectNames,
      offered,
      areCurrent,
      isChecked,
      fault,
      isStrict: isAxis,
      moveCursor: (position) =>
        requestAnimationFrame(() => input.current?.setSelectionRange(position, position)),
      onText,
      onTyped,
    }),
  );
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (!model.press(event)) return;
    event.preventDefault();
    if (event.key === "Escape") event.stopPropagation();
  };
  const isErr = fault !== null && (!isFocused || !isListed);
  const says = isErr ? fault.says : null;
  useEffect(() => onFault?.(says), [says, onFault]);
  return (
    <div className="ex-field">
      <Popover
        opened={isListed}
        position={isListAbove ? "top-start" : "bottom-start"}
        width="target"
        trapFocus={false}
        withRoles={false}
      >
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
                id={inputId}
                type="text"
                role="combobox"
                aria-label={label}
                aria-expanded={isListed}
                aria-controls={isListed ? id : undefined}
                aria-autocomplete="list"
                aria-activedescendant={isListed ? `${id}-${active}` : undefined}
                aria-invalid={isErr || undefined}
                aria-describedby={isErr ? `${id}-fault` : undefined}
                // Escape closes the list first, and not the dialog around it
                data-mantine-stop-propagation={isListed || undefined}
                placeholder={placeholder}
                autoComplete="off"
                spellCheck={false}
                // biome-ignore lint/a11y/noAutofocus: of a row that a person just added
                autoFocus={autoFocus}
                value={draft}
                onFocus={() => model.focus()}
                onBlur={() => model.blur()}
                onChange={({ target }) =>
                  model.type(target.value, target.selectionStart ?? target.value.length)
                }
                onSelect={({ currentTarget }) => model.moveCursor(currentTarget.selectionStart ?? 0)}
                onScroll={(event) => {
                  if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
                }}
                onKeyDown={onKeyDown}
              />
            </div>
            {isErr ? <Icon name="warn" isSmall /> : end}
          </div>
        </Popover.Target>
        <Popover.Dropdown className="ex-list">
          <ExpressionOffers
            id={id}
            shown={shown}
            active={active}
            word={isHelp ? "" : typedWord.word}
            onChoose={(choice) => model.accept(choice)}
          />
        </Popover.Dropdown>
      </Popover>
      {isErr && (
        <Fault
          id={`${id}-fault`}
          fault={fault}
          onFix={(instead) => {
            input.current?.focus();
            model.fix(fault, instead);
          }}
        />
      )}
    </div>
  );
}

interface FaultProps {
  readonly id: string;
  readonly fault: ExpressionFault;
  onFix(instead: string): void;
}

function Fault({ id, fault: { says, instead }, onFix }: FaultProps) {
  return (
    <div className="errt" id={id} role="alert">
      {says}
      {instead !== null && (
        <>
          {" Did you mean "}
          <button
            type="button"
            // before the field loses its focus
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onFix(instead)}
          >
            {instead}
          </button>
          ?
        </>
      )}
    </div>
  );
}
