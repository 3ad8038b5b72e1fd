/** Title and description of a report, above its text. */

import { type KeyboardEvent, useLayoutEffect, useRef } from "react";
import { useMeta } from "./session";

const MOST_TITLE = 512;
const MOST_DESCRIPTION = 4096;

export function TitleFields({ onLeave }: { onLeave(): void }) {
  const [title, setTitle] = useMeta("title");
  const [description, setDescription] = useMeta("description");
  const second = useRef<HTMLTextAreaElement>(null);
  return (
    <header className="report-head">
      <h1>
        <Field
          label="Title"
          className="title"
          hint="Untitled report"
          value={title}
          most={MOST_TITLE}
          onChange={(text) => setTitle(text.replaceAll("\n", " "))}
          onEnter={() => second.current?.focus()}
          isFirst={title === ""}
        />
      </h1>
      <Field
        label="Description"
        className="lead"
        hint="What it is about, in a sentence"
        value={description}
        most={MOST_DESCRIPTION}
        onChange={setDescription}
        onEnter={onLeave}
        field={second}
      />
    </header>
  );
}

interface FieldProps {
  readonly label: string;
  readonly className: string;
  readonly hint: string;
  readonly value: string;
  readonly most: number;
  readonly field?: React.RefObject<HTMLTextAreaElement | null>;
  readonly isFirst?: boolean;
  onChange(text: string): void;
  onEnter(): void;
}

/** As high as its text. */
function Field({
  label,
  className,
  hint,
  value,
  most,
  field,
  isFirst = false,
  onChange,
  onEnter,
}: FieldProps) {
  const own = useRef<HTMLTextAreaElement>(null);
  const area = field ?? own;
  const wasFirst = useRef(isFirst);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "0";
    element.style.height = `${element.scrollHeight}px`;
  }, [area, value]);
  useLayoutEffect(() => {
    if (wasFirst.current) area.current?.focus();
  }, [area]);
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    onEnter();
  };
  return (
    <textarea
      ref={area}
      aria-label={label}
      className={className}
      placeholder={hint}
      value={value}
      maxLength={most}
      rows={1}
      dir="auto"
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={onKey}
    />
  );
}
