/** A Markdown text that people write about a thing, edited in place. */

import {
  lazy,
  type ReactNode,
  type RefObject,
  Suspense,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { isMod } from "@/ui/keys/key-hint";
import { useEditing } from "../hooks/use-editing";
import { dismissActed, showDone } from "../overlays/toasts";
import "./cards.css";

const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

interface ProseCardProps {
  /** `Notes`, `Description`. */
  readonly title: string;
  readonly text: string;
  /** Text of something like it, shown where there is none of its own. */
  readonly inherited?: string;
  /** Suggestion for a text, shown where there is none. */
  readonly placeholder: string;
  /** Who wrote it last. */
  readonly foot?: ReactNode;
  /** Absent: the text may not be changed. */
  onSave: ((text: string) => void) | undefined;
}

export function ProseCard({ title, text, inherited = "", placeholder, foot, onSave }: ProseCardProps) {
  const seen = text || inherited;
  const { isEditing, begin, end, button, editor } = useEditing();
  /** Typed and left; null: the saved text is edited. */
  const [draft, setDraft] = useState<string | null>(null);
  const goOn = useRef<(() => void) | null>(null);
  const forget = useCallback(() => {
    if (goOn.current) dismissActed(goOn.current);
    goOn.current = null;
  }, []);
  // the way back leads to this card
  useEffect(() => forget, [forget]);
  const edit = (from: string | null) => {
    forget();
    setDraft(from);
    begin();
  };
  const leave = (typed: string) => {
    end();
    if (typed.trim() === text.trim()) return;
    const run = () => edit(typed);
    goOn.current = run;
    showDone(`${title} not saved`, { label: "Undo", run });
  };
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
            onClick={() => edit(null)}
          />
        )}
      </h2>
      {onSave && isEditing ? (
        <Editor
          title={title}
          before={draft ?? text}
          box={editor}
          onSave={(next) => {
            onSave(next);
            end();
          }}
          onLeave={leave}
        />
      ) : seen ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: the pencil above does the same by keyboard
        <div className="notes md" onDoubleClick={onSave && (() => edit(null))}>
          <Suspense fallback={seen}>
            <MarkdownText text={seen} />
          </Suspense>
        </div>
      ) : onSave ? (
        <button type="button" className="notes none" onClick={() => edit(null)}>
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
  /** With what was typed. */
  onLeave(text: string): void;
}

function Editor({ title, before, box, onSave, onLeave }: EditorProps) {
  const [text, setText] = useState(before);
  const nRows = Math.min(16, Math.max(4, text.split("\n").length + 1));
  const save = () => onSave(text.trim());
  const leave = () => onLeave(text);
  const field = useRef<HTMLTextAreaElement>(null);
  // a browser would put the cursor before the text
  useLayoutEffect(() => {
    const area = field.current;
    area?.setSelectionRange(area.value.length, area.value.length);
    area?.scrollTo(0, area.scrollHeight);
  }, []);
  // also its buttons
  // biome-ignore lint/correctness/useExhaustiveDependencies: again whenever it grows
  useLayoutEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, [nRows, box]);
  return (
    <div className="notes-editor" ref={box}>
      <textarea
        ref={field}
        aria-label={title}
        // biome-ignore lint/a11y/noAutofocus: opened by a person to type in
        autoFocus
        rows={nRows}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const isSaved = event.key === "Enter" && isMod(event);
          if (!isSaved && event.key !== "Escape") return;
          // else Enter presses the button that has the focus by then
          event.preventDefault();
          (isSaved ? save : leave)();
        }}
      />
      <div className="row">
        <span className="grow" />
        <Button isSmall look="quiet" onClick={leave}>
          Cancel
        </Button>
        <Button isSmall onClick={save}>
          Save
        </Button>
      </div>
    </div>
  );
}
