/**
 * A field that offers what fits while one types: columns, metrics, values. What is offered may come from the server.
 */

import { Popover as MantinePopover } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "../signs/icons";

interface Suggestion {
  readonly value: string;
  readonly label?: ReactNode;
  /** Grey, at the right: a kind, a count. */
  readonly meta?: ReactNode;
  /** Cannot be chosen; such ones stand last. */
  readonly isDisabled?: boolean;
}

interface ComboboxProps {
  readonly label: string;
  /** Of its input, for a label outside. */
  readonly inputId?: string;
  readonly text: string;
  /** In order; the caller filters them. */
  readonly suggestions: readonly Suggestion[];
  readonly isLoading?: boolean;
  readonly placeholder?: string;
  readonly icon?: IconName;
  readonly isMono?: boolean;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  /** The focus alone does not open the list: it would cover what is below the field. */
  readonly isClosedFirst?: boolean;
  /** Said in the list when nothing fits; null: then there is no list, and what is below the field stays in sight. */
  readonly nothing?: string | null;
  readonly width?: number | string;
  /** Letters of the longest label, where labels are more than the values: the list is as wide as they are. */
  readonly nLetters?: number;
  /** Enter takes the first suggestion unless the arrows marked another. */
  readonly marksFirst?: boolean;
  /** The text is what was chosen, not what is typed: the next key replaces it. */
  readonly isChosen?: boolean;
  /** Grey, before the text. */
  readonly lead?: string;
  /** A sentence below, announced when it appears. */
  readonly note?: ReactNode;
  onText(text: string): void;
  onChoose(value: string): void;
  /** Enter with nothing marked in the list. */
  onEnter?(text: string): void;
  /** Escape; the list is closed by then. */
  onGiveUp?(): void;
  onLeave?(): void;
}

const ROW_PX = 28;
const LONG_LETTERS = 24;
const LONG_PX = 360;
/** Of a label's letter; and next to it: its sign, what stands at the right, and the list's sides. */
const LETTER_PX = 7;
const ENDS_PX = 124;

export function Combobox(props: ComboboxProps) {
  const { label, text, suggestions, isLoading, placeholder, icon, isMono, error, autoFocus } = props;
  const { isClosedFirst = false, nothing = "Nothing fits", width, nLetters, marksFirst = false } = props;
  const { inputId, isChosen = false, lead, note, onText, onChoose, onEnter, onGiveUp, onLeave } = props;
  const [isOpen, setOpen] = useState(false);
  const isShown = isOpen && (suggestions.length > 0 || isLoading === true || nothing !== null);
  // a value and not a place: the list may change below the mark
  const [marked, setMarked] = useState<string | null>(null);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const markedIndex = marked === null ? -1 : suggestions.findIndex(({ value }) => value === marked);
  const nEnabled = suggestions.filter(({ isDisabled }) => !isDisabled).length;
  const active = markedIndex < 0 && marksFirst && nEnabled > 0 ? 0 : markedIndex;
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: done again when another one was chosen
  useEffect(() => {
    if (isChosen && document.activeElement === input.current) input.current?.select();
  }, [isChosen, text]);
  // in a narrow field they would all be cut to the same text
  const hasLong = suggestions.some(({ value }) => value.length > LONG_LETTERS);
  const leastPx = nLetters === undefined ? (hasLong ? LONG_PX : null) : nLetters * LETTER_PX + ENDS_PX;
  const choose = (value: string) => {
    onChoose(value);
    setOpen(false);
    setMarked(null);
  };
  return (
    <>
      <MantinePopover
        opened={isShown}
        onChange={setOpen}
        position="bottom-start"
        width="target"
        trapFocus={false}
        returnFocus={false}
        withRoles={false}
      >
        <MantinePopover.Target>
          <div className={`inp ${error ? "err" : ""}`} style={{ width }}>
            {icon && <Icon name={icon} isSmall />}
            {lead && <span className="lead">{lead}</span>}
            <input
              ref={input}
              id={inputId}
              type="text"
              role="combobox"
              className={isMono ? "mono" : ""}
              aria-label={label}
              aria-expanded={isShown}
              aria-controls={isShown ? id : undefined}
              aria-autocomplete="list"
              aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
              aria-invalid={error ? true : undefined}
              aria-describedby={note ? `${id}-note` : undefined}
              // Escape closes the list first, and not the dialog around it
              data-mantine-stop-propagation={isShown || undefined}
              placeholder={placeholder ?? label}
              autoComplete="off"
              spellCheck={false}
              // biome-ignore lint/a11y/noAutofocus: in popovers that a person opened
              autoFocus={autoFocus}
              // dialogs move the focus themselves
              data-autofocus={autoFocus || undefined}
              value={text}
              onFocus={(event) => {
                if (!isClosedFirst) setOpen(true);
                if (isChosen) event.target.select();
              }}
              onClick={(event) => {
                setOpen(true);
                // the press put a caret where the focus had selected all
                if (isChosen) event.currentTarget.select();
              }}
              onBlur={() => {
                setOpen(false);
                setMarked(null);
                onLeave?.();
              }}
              onChange={(event) => {
                onText(event.target.value);
                setOpen(true);
                setMarked(null);
              }}
              onKeyDown={(event) => {
                if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                  event.preventDefault();
                  setOpen(true);
                  const step = event.key === "ArrowDown" ? 1 : -1;
                  setMarked(suggestions[Math.min(nEnabled - 1, active + step)]?.value ?? null);
                } else if (event.key === "Enter") {
                  const chosen = isOpen ? suggestions[active] : undefined;
                  if (chosen || onEnter) event.preventDefault();
                  if (chosen) choose(chosen.value);
                  else {
                    setOpen(false);
                    onEnter?.(text);
                  }
                } else if (event.key === "Escape" && (isOpen || (onGiveUp && !isChosen && text !== ""))) {
                  event.stopPropagation();
                  setOpen(false);
                  setMarked(null);
                  onGiveUp?.();
                }
              }}
            />
          </div>
        </MantinePopover.Target>
        <MantinePopover.Dropdown
          miw={leastPx === null ? undefined : `min(${leastPx}px, 94vw)`}
          // the field keeps the focus, and a popover around it takes no touch of the list for one outside
          onMouseDown={(event) => {
            event.preventDefault();
            event.stopPropagation();
          }}
          onTouchStart={(event) => event.stopPropagation()}
        >
          <div
            className="options"
            role="listbox"
            id={id}
            aria-label={label}
            ref={list}
            style={{ maxHeight: ROW_PX * 9 + 4 }}
          >
            {suggestions.map(({ value, label: shown, meta, isDisabled }, i) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
              <div
                key={value}
                id={`${id}-${i}`}
                role="option"
                aria-selected={i === active}
                aria-disabled={isDisabled}
                className={`option ${i === active ? "hov" : ""} ${isDisabled ? "none" : ""}`}
                // not at once: a finger that scrolls the list chooses nothing
                onClick={isDisabled ? undefined : () => choose(value)}
              >
                <span className={`ell ${isMono ? "mono" : ""}`}>{shown ?? value}</span>
                {meta !== undefined && <span className="end">{meta}</span>}
              </div>
            ))}
            {suggestions.length === 0 && (
              <div className="option none" role="option" aria-selected={false} aria-disabled="true">
                {isLoading ? "Looking…" : nothing}
              </div>
            )}
          </div>
        </MantinePopover.Dropdown>
      </MantinePopover>
      {note && (
        <div className="errt" id={`${id}-note`} role="alert">
          {note}
        </div>
      )}
    </>
  );
}
