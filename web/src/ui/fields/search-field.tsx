/**
 * A search field with a switch for regular expressions and, if the pattern is wrong, the reason below it.
 *
 * A key shows before the page follows it: the text is the field's own, and `onChange` comes after the paint. What leaves
 * the field or acts on the text (Enter, an arrow, a blur) brings it at once.
 */

import { Tooltip } from "@mantine/core";
import { type MouseEvent, type Ref, useId } from "react";
import { useTypedText } from "../hooks/use-typed-text";
import { Icon } from "../signs/icons";

interface SearchFieldProps {
  readonly label: string;
  /** In the empty field, where the label has no room. */
  readonly placeholder?: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly error?: string | null;
  readonly width?: number;
  readonly inputRef?: Ref<HTMLInputElement>;
  /** The window that it is in begins with it. */
  readonly hasFirstFocus?: boolean;
  onChange(value: string): void;
  onRegex(isRegex: boolean): void;
  /** The arrow down is pressed: into what was found. */
  onDown?(): void;
  /** The arrow up is pressed, where arrows move among what was found. */
  onUp?(): void;
  /** Id of the entry that arrows have moved to. */
  readonly activeId?: string | undefined;
  /** Enter is pressed; with Shift: back. */
  onEnter?(isBack: boolean): void;
}

export function SearchField(props: SearchFieldProps) {
  const {
    label,
    placeholder = label,
    value,
    isRegex,
    error,
    width,
    inputRef,
    hasFirstFocus,
    onChange,
    onRegex,
    onDown,
  } = props;
  const { onUp, activeId, onEnter } = props;
  const errorId = useId();
  const typed = useTypedText(value, onChange);
  return (
    <div style={{ width }}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: no act; a button that took the focus could move away before the click */}
      <div className={`inp ${error ? "err" : ""}`} onMouseDown={keepFocus}>
        <Icon name="search" isSmall />
        <input
          ref={inputRef}
          data-autofocus={hasFirstFocus || undefined}
          type="text"
          placeholder={placeholder}
          aria-label={label}
          aria-activedescendant={activeId}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? errorId : undefined}
          spellCheck={false}
          autoComplete="off"
          value={typed.text}
          onChange={(event) => typed.type(event.target.value)}
          onBlur={typed.flush}
          onKeyDown={(event) => {
            const onArrow = { ArrowDown: onDown, ArrowUp: onUp }[event.key];
            if (onArrow || event.key === "Enter") typed.flush();
            if (onArrow) {
              event.preventDefault();
              onArrow();
            }
            if (event.key === "Enter") onEnter?.(event.shiftKey);
            if (event.key !== "Escape") return;
            if (typed.text) typed.put("");
            else event.currentTarget.blur();
          }}
        />
        {typed.text && (
          <button
            type="button"
            className="btn q sm ico"
            aria-label="Clear search"
            onClick={(event) => {
              typed.put("");
              focusField(event);
            }}
          >
            <Icon name="x" isSmall />
          </button>
        )}
        <Tooltip label="Regular expression">
          <button
            type="button"
            className="btn q sm ico re"
            aria-label="Regular expression"
            aria-pressed={isRegex}
            onClick={(event) => {
              onRegex(!isRegex);
              // keys go on switching it
              if (event.detail > 0) focusField(event);
            }}
          >
            .*
          </button>
        </Tooltip>
      </div>
      {error && (
        <div className="errt" id={errorId} role="alert">
          {error}
        </div>
      )}
    </div>
  );
}

/** A press on a button leaves the focus where it is: the field may have another width without it. */
function keepFocus(event: MouseEvent): void {
  if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
}

/** Focuses the field, so that letters typed next are no shortcuts of the page. */
function focusField({ currentTarget }: MouseEvent): void {
  currentTarget.parentElement?.querySelector("input")?.focus();
}
