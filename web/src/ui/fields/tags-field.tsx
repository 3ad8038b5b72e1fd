/**
 * Tags, each with a cross, and a field that adds more: Enter or a comma ends one, Backspace takes the last.
 */

import { useMemo, useState } from "react";
import { Icon } from "../signs/icons";
import { Combobox } from "./combobox";

const MOST_OFFERED = 100;

interface TagsFieldProps {
  readonly label: string;
  readonly tags: readonly string[];
  /** Tags in use elsewhere, offered while typing. */
  readonly suggestions?: readonly string[];
  readonly autoFocus?: boolean;
  onChange(tags: readonly string[]): void;
  /** Escape, or the focus went elsewhere. */
  onDone?(): void;
}

export function TagsField({ label, tags, suggestions = [], autoFocus, onChange, onDone }: TagsFieldProps) {
  const [text, setText] = useState("");
  const offered = useMemo(() => {
    const part = text.trim().toLowerCase();
    return suggestions
      .filter((tag) => !tags.includes(tag) && tag.toLowerCase().includes(part))
      .slice(0, MOST_OFFERED)
      .map((value) => ({ value }));
  }, [suggestions, tags, text]);
  const add = (typed: string) => {
    const words = typed
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "" && !tags.includes(word));
    setText("");
    if (words.length > 0) onChange([...tags, ...new Set(words)]);
  };
  const giveUp = () => {
    setText("");
    onDone?.();
  };
  return (
    <div
      className="inp tags-field"
      role="group"
      aria-label={label}
      onBlur={(event) => {
        if (event.currentTarget.contains(event.relatedTarget)) return;
        add(text);
        onDone?.();
      }}
      onKeyDown={(event) => {
        if (!(event.target instanceof HTMLInputElement)) return;
        if (event.key === "Backspace" && text === "" && tags.length > 0) {
          onChange(tags.slice(0, -1));
        } else if (event.key === "Escape" && (text !== "" || onDone)) {
          // the list is closed; without a text the key is for the window around the field
          event.stopPropagation();
          giveUp();
        }
      }}
    >
      {tags.map((tag) => (
        <span className="tag" key={tag}>
          <span className="ell">{tag}</span>
          <button
            type="button"
            aria-label={`Remove tag ${tag}`}
            onClick={() => onChange(tags.filter((other) => other !== tag))}
          >
            <Icon name="x" />
          </button>
        </span>
      ))}
      <Combobox
        label={label}
        placeholder={tags.length === 0 ? label : ""}
        text={text}
        suggestions={offered}
        nothing={text.trim() === "" ? "No other tags" : `Enter adds ${text.trim()}`}
        autoFocus={autoFocus ?? false}
        onText={(typed) => (typed.endsWith(",") ? add(typed) : setText(typed))}
        onChoose={add}
        onEnter={() => (text.trim() === "" ? onDone?.() : add(text))}
        onGiveUp={giveUp}
      />
    </div>
  );
}
