/**
 * A field that offers what fits while one types: columns, metrics, values. What is offered may come from the server.
 */

import { Popover as MantinePopover } from "@mantine/core";
import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "./icons";

interface Suggestion {
  readonly value: string;
  readonly label?: ReactNode;
  /** Grey, at the right: a kind, a count. */
  readonly meta?: ReactNode;
}

interface ComboboxProps {
  readonly label: string;
  readonly text: string;
  /** In order; filtered by whoever gives them. */
  readonly suggestions: readonly Suggestion[];
  readonly isLoading?: boolean;
  readonly placeholder?: string;
  readonly icon?: IconName;
  readonly isMono?: boolean;
  readonly error?: string | null;
  readonly autoFocus?: boolean;
  /** Said in the list when nothing fits. */
  readonly nothing?: string;
  readonly width?: number | string;
  onText(text: string): void;
  onChoose(value: string): void;
  /** Enter with nothing chosen in the list. */
  onEnter?(text: string): void;
}

const ROW_PX = 28;

export function Combobox({
  label,
  text,
  suggestions,
  isLoading,
  placeholder,
  icon,
  isMono,
  error,
  autoFocus,
  nothing = "Nothing fits",
  width,
  onText,
  onChoose,
  onEnter,
}: ComboboxProps) {
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const active = Math.min(at, suggestions.length - 1);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const choose = (value: string) => {
    onChoose(value);
    setOpen(false);
    setAt(-1);
  };
  return (
    <MantinePopover
      opened={isOpen}
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
          <input
            type="text"
            role="combobox"
            className={isMono ? "mono" : ""}
            aria-label={label}
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
            aria-invalid={error ? true : undefined}
            placeholder={placeholder ?? label}
            autoComplete="off"
            spellCheck={false}
            // biome-ignore lint/a11y/noAutofocus: in popovers that a person opened
            autoFocus={autoFocus}
            value={text}
            onFocus={() => setOpen(true)}
            onClick={() => setOpen(true)}
            onBlur={() => setOpen(false)}
            onChange={(event) => {
              onText(event.target.value);
              setOpen(true);
              setAt(-1);
            }}
            onKeyDown={(event) => {
              if (event.key === "ArrowDown" || event.key === "ArrowUp") {
                event.preventDefault();
                setOpen(true);
                const step = event.key === "ArrowDown" ? 1 : -1;
                setAt(Math.max(-1, Math.min(suggestions.length - 1, active + step)));
              } else if (event.key === "Enter") {
                const chosen = isOpen ? suggestions[active] : undefined;
                if (!chosen && !onEnter) return;
                event.preventDefault();
                if (chosen) choose(chosen.value);
                else onEnter?.(text);
              } else if (event.key === "Escape" && isOpen) {
                event.stopPropagation();
                setOpen(false);
              }
            }}
          />
        </div>
      </MantinePopover.Target>
      <MantinePopover.Dropdown>
        <div
          className="options"
          role="listbox"
          id={id}
          aria-label={label}
          ref={list}
          style={{ maxHeight: ROW_PX * 9 + 4 }}
        >
          {suggestions.map(({ value, label: shown, meta }, i) => (
            <div
              key={value}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === active}
              className={`option ${i === active ? "hov" : ""}`}
              // before the field loses its focus
              onPointerDown={(event) => {
                event.preventDefault();
                choose(value);
              }}
            >
              <span className={`ell ${isMono ? "mono" : ""}`}>{shown ?? value}</span>
              {meta !== undefined && <span className="end">{meta}</span>}
            </div>
          ))}
          {suggestions.length === 0 && (
            <div className="option none" role="option" aria-selected={false} aria-disabled="true">
              {isLoading ? "Looking" : nothing}
            </div>
          )}
        </div>
      </MantinePopover.Dropdown>
    </MantinePopover>
  );
}
