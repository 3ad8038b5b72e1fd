/** A Markdown text that people write about a thing, edited in place. */

import { lazy, type ReactNode, type RefObject, Suspense, useState } from "react";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { isMod } from "@/ui/keys/key-hint";
import { useEditing } from "../hooks/use-editing";
import "./cards.css";

const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

interface ProseCardProps {
  /** `Notes`, `Description`. */
  readonly title: string;
  readonly text: string;
  /** Suggestion for a text, shown where there is none. */
  readonly placeholder: string;
  /** Who wrote it last. */
  readonly foot?: ReactNode;
  /** Absent: the text may not be changed. */
  onSave: ((text: string) => void) | undefined;
}

export function ProseCard({ title, text, placeholder, foot, onSave }: ProseCardProps) {
  const { isEditing, begin, end, button, editor } = useEditing();
  return (
    <section className="card" aria-label={title}>
      <h2>
        {title}
        <span className="grow" />
        {onSave && !isEditing && (
          <IconButton
            icon="edit"
            label={`Edit ${title.toLowerCase()}`}
            isSmall
            ref={button}
            onClick={begin}
          />
        )}
      </h2>
      {onSave && isEditing ? (
        <Editor title={title} before={text} box={editor} onSave={onSave} onDone={end} />
      ) : text ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: the pencil above does the same by keyboard
        <div className="notes md" onDoubleClick={onSave && begin}>
          <Suspense fallback={text}>
            <MarkdownText text={text} />
          </Suspense>
        </div>
      ) : onSave ? (
        <button type="button" className="notes none" onClick={begin}>
          {placeholder}
        </button>
      ) : (
        <p className="card-none">none</p>
      )}
      {foot && !isEditing && <div className="meta prose-foot">{foot}</div>}
    </section>
  );
}

interface EditorProps {
  readonly title: string;
  readonly before: string;
  readonly box: RefObject<HTMLDivElement | null>;
  onSave(text: string): void;
  onDone(): void;
}

function Editor({ title, before, box, onSave, onDone }: EditorProps) {
  const [text, setText] = useState(before);
  const save = () => {
    onSave(text.trim());
    onDone();
  };
  return (
    <div className="notes-editor" ref={box}>
      <textarea
        aria-label={title}
        // biome-ignore lint/a11y/noAutofocus: opened by a person to type in
        autoFocus
        rows={Math.min(16, Math.max(4, text.split("\n").length + 1))}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const isSaved = event.key === "Enter" && isMod(event);
          if (!isSaved && event.key !== "Escape") return;
          // else Enter presses the button that has the focus by then
          event.preventDefault();
          (isSaved ? save : onDone)();
        }}
      />
      <div className="row">
        <span className="grow" />
        <Button isSmall look="quiet" onClick={onDone}>
          Cancel
        </Button>
        <Button isSmall onClick={save}>
          Save
        </Button>
      </div>
    </div>
  );
}
