/**
 * What people say of a run, in Markdown, edited in place.
 */

import { lazy, Suspense, useState } from "react";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { isMod } from "@/ui/keys/key-hint";
import { useRunActions } from "../runs/run-actions";
import { useShownRun } from "./shown-run";

const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

export function NotesCard() {
  const { run } = useShownRun();
  const [isEditing, setEditing] = useState(false);
  return (
    <section className="card" aria-label="Notes">
      <h2>
        Notes
        <span className="grow" />
        {!isEditing && <IconButton icon="edit" label="Edit notes" isSmall onClick={() => setEditing(true)} />}
      </h2>
      {isEditing ? (
        <NotesEditor onDone={() => setEditing(false)} />
      ) : run.notes ? (
        // biome-ignore lint/a11y/noStaticElementInteractions: the pencil above does the same by keyboard
        <div className="notes md" onDoubleClick={() => setEditing(true)}>
          <Suspense fallback={run.notes}>
            <MarkdownText text={run.notes} />
          </Suspense>
        </div>
      ) : (
        <button type="button" className="notes none" onClick={() => setEditing(true)}>
          What was tried, what came of it
        </button>
      )}
    </section>
  );
}

function NotesEditor({ onDone }: { onDone(): void }) {
  const { project, run } = useShownRun();
  const { setNotes } = useRunActions(project);
  const [text, setText] = useState(run.notes ?? "");
  const save = () => {
    void setNotes(run, run.notes ?? "", text.trim());
    onDone();
  };
  return (
    <div className="notes-editor">
      <textarea
        aria-label="Notes"
        // biome-ignore lint/a11y/noAutofocus: opened by a person to type in
        autoFocus
        rows={Math.min(16, Math.max(4, text.split("\n").length + 1))}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && isMod(event)) save();
          if (event.key === "Escape") onDone();
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
