import { useEffect, useRef } from "react";
import { isTouch } from "../hooks/use-phone";
import { Icon } from "../signs/icons";
import "./cards.css";

export function CardSearch({
  label,
  value,
  hasFirstFocus = false,
  onChange,
}: {
  label: string;
  value: string;
  /** Of a dialog, which may have loaded it after it opened. Fingers would get a keyboard over the list. */
  hasFirstFocus?: boolean;
  onChange(value: string): void;
}) {
  const input = useRef<HTMLInputElement>(null);
  const takesFocus = hasFirstFocus && !isTouch();
  useEffect(() => {
    if (takesFocus) input.current?.focus();
  }, [takesFocus]);
  return (
    <div className="card-search">
      <div className="inp">
        <Icon name="search" isSmall />
        <input
          ref={input}
          data-autofocus={takesFocus || undefined}
          type="text"
          placeholder={label}
          aria-label={label}
          autoComplete="off"
          spellCheck={false}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => event.key === "Escape" && onChange("")}
        />
        {value && (
          <button
            type="button"
            className="btn q sm ico"
            aria-label="Clear search"
            onClick={() => onChange("")}
          >
            <Icon name="x" isSmall />
          </button>
        )}
      </div>
    </div>
  );
}
