/**
 * The editor over a cell: name and notes as text, tags one by one. Enter saves; Escape discards the text that is
 * typed, but no tag that was added or removed.
 */

import { useEffect, useRef, useState } from "react";
import { TagsField } from "@/ui/fields/tags-field";

/** Room for some tags and a word, also in a narrow column. */
const TAGS_PX = 240;

interface CellEditorProps {
  readonly column: string;
  readonly label: string;
  readonly value: unknown;
  /** Place and size over the cell, px. */
  readonly box: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** Tags in use in the project. */
  readonly tags: readonly string[];
  /** Value to keep, or undefined when the edit is cancelled; `by`: columns that the cursor moves by. */
  onDone(value: string | readonly string[] | undefined, by: -1 | 0 | 1): void;
}

export function CellEditor(props: CellEditorProps) {
  const width = Math.max(props.box.width, props.column === "tags" ? TAGS_PX : 0);
  return (
    <div className="rt-ed" style={{ ...props.box, width }}>
      {props.column === "tags" ? <TagsEditor {...props} /> : <TextEditor {...props} />}
    </div>
  );
}

function TextEditor({ column, label, value, onDone }: CellEditorProps) {
  const input = useRef<HTMLInputElement>(null);
  const isDone = useRef(false);
  const end = (next: string | undefined, by: -1 | 0 | 1 = 0) => {
    // Enter and Escape take the field away, which blurs it
    if (isDone.current) return;
    isDone.current = true;
    onDone(next, by);
  };
  useEffect(() => {
    input.current?.focus({ preventScroll: true });
    input.current?.select();
  }, []);
  return (
    <input
      ref={input}
      type="text"
      aria-label={label}
      defaultValue={typeof value === "string" ? value : ""}
      placeholder={column === "notes" ? "Add a note" : undefined}
      autoComplete="off"
      spellCheck={column === "notes"}
      onKeyDown={(event) => {
        event.stopPropagation();
        const text = event.currentTarget.value.trim();
        if (event.key === "Enter") end(text);
        else if (event.key === "Escape") end(undefined);
        else if (event.key === "Tab") {
          event.preventDefault();
          end(text, event.shiftKey ? -1 : 1);
        }
      }}
      onBlur={(event) => end(event.currentTarget.value.trim())}
    />
  );
}

function TagsEditor({ label, value, tags, onDone }: CellEditorProps) {
  const [chosen, setChosen] = useState<readonly string[]>(Array.isArray(value) ? (value as string[]) : []);
  const latest = useRef(chosen);
  const isDone = useRef(false);
  const end = () => {
    if (isDone.current) return;
    isDone.current = true;
    onDone(latest.current, 0);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys of the field within
    <div className="rt-ed-tags" onKeyDown={(event) => event.stopPropagation()}>
      <TagsField
        label={label}
        tags={chosen}
        suggestions={tags}
        autoFocus
        onChange={(next) => {
          latest.current = next;
          setChosen(next);
        }}
        onDone={end}
      />
    </div>
  );
}
