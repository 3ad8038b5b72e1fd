/**
 * Tags, each with a cross, and a field that adds more: Enter or a comma ends one, Backspace takes the last.
 */

import { useId, useState } from "react";
import { Icon } from "../signs/icons";

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
  const listId = useId();
  const add = (typed: string) => {
    const words = typed
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "" && !tags.includes(word));
    setText("");
    if (words.length > 0) onChange([...tags, ...new Set(words)]);
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
      <input
        type="text"
        aria-label={label}
        placeholder={tags.length === 0 ? label : ""}
        list={listId}
        // biome-ignore lint/a11y/noAutofocus: opened by a person's click on the tags
        autoFocus={autoFocus}
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          const typed = event.target.value;
          if (typed.endsWith(",")) add(typed);
          else setText(typed);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            if (text.trim() === "") onDone?.();
            else add(text);
          } else if (event.key === "Backspace" && text === "" && tags.length > 0) {
            onChange(tags.slice(0, -1));
          } else if (event.key === "Escape") {
            event.stopPropagation();
            setText("");
            onDone?.();
          }
        }}
      />
      <datalist id={listId}>
        {suggestions
          .filter((tag) => !tags.includes(tag))
          .map((tag) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
    </div>
  );
}
