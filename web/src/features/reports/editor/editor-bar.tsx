/** The bar over a report that is being written: what is saved, who else writes, the way back, the end. */

import type { Editor } from "@tiptap/react";
import { useCallback, useEffect, useRef, useState, useSyncExternalStore } from "react";
import type { OpenDraft } from "@/api/reports/draft-sync";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { showFailed } from "@/ui/overlays/toasts";
import { CommentsButton } from "../comments/comments-button";
import { PublishButton } from "../publish-button";
import { reportTitle } from "../report-state";
import { readWriter, type Writer } from "./collaboration";
import { TableBar } from "./menus/table-bar";
import { useMeta, useSession } from "./session";

interface EditorBarProps {
  readonly editor: Editor;
  onDone(): void;
  onPublished(): void;
}

export function EditorBar({ editor, onDone, onPublished }: EditorBarProps) {
  const { sync, undo, uploads, project, report } = useSession();
  const [title] = useMeta("title");
  const [isEnding, setEnding] = useState(false);
  const [isWarned, setWarned] = useState(false);
  const { canUndo, canRedo } = useUndoState();
  const end = async () => {
    setEnding(true);
    if (!(await uploads.settle(UPLOAD_MILLIS)) && !isWarned) {
      setWarned(true);
      setEnding(false);
      showFailed("The draft stays open", new Error(`${NOT_UPLOADED}. Press Done again to leave without it.`));
      return;
    }
    await sync.flush();
    onDone();
  };
  const saveDraft = async () => {
    if (!(await uploads.settle(UPLOAD_MILLIS))) throw new Error(`${NOT_UPLOADED}: try it again once it is.`);
    if (!(await sync.flush()))
      throw new Error("The last edits are not sent yet: try it again once they are.");
  };
  return (
    <div className="report-bar">
      <span className="flag neu">Draft</span>
      <SaveWord />
      <span className="grow" />
      <TableBar editor={editor} />
      <Writers />
      <CommentsButton />
      <IconButton icon="undo" label="Undo" isSmall disabled={!canUndo} onClick={() => undo.undo()} />
      <IconButton icon="redo" label="Redo" isSmall disabled={!canRedo} onClick={() => undo.redo()} />
      <Button isSmall disabled={isEnding} onClick={() => void end()}>
        Done
      </Button>
      <PublishButton
        project={project}
        report={report}
        title={reportTitle({ title })}
        saveDraft={saveDraft}
        onPublished={onPublished}
      />
    </div>
  );
}

/** So long one waits for images at the end. */
const UPLOAD_MILLIS = 10_000;
const NOT_UPLOADED = "An image is not uploaded yet";

/** A pause of the server that is shorter says nothing. */
const PATIENCE_MILLIS = 600;

const NOTHING_SENT: Omit<OpenDraft, "kind"> = { isConnected: false, nUnsent: 0, nAnswers: 0 };

/** "Saved" means that the server has it on its disk. */
function SaveWord() {
  const { sync, uploads } = useSession();
  const state = useSyncExternalStore(sync.subscribe, sync.state);
  const nSending = useSyncExternalStore(uploads.subscribe, uploads.nSending);
  const { isConnected, nUnsent, nAnswers } = state.kind === "open" ? state : NOTHING_SENT;
  const isSaved = nUnsent === 0;
  const [isLate, setLate] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: with each answer the wait begins again
  useEffect(() => {
    setLate(false);
    if (isSaved && isConnected) return;
    const timer = setTimeout(() => setLate(true), PATIENCE_MILLIS * (isConnected ? 3 : 1));
    return () => clearTimeout(timer);
  }, [isSaved, isConnected, nAnswers]);
  const word = isSaved
    ? isLate
      ? "Saved; the server does not answer"
      : "Saved"
    : isLate
      ? `${formatNoun(nUnsent, "edit")} not sent yet`
      : "Saving…";
  return (
    <span className={`ell ${isLate ? "unsaved" : "muted"}`} role="status">
      {isSaved && nSending > 0 ? `Uploading ${formatNoun(nSending, "image")}…` : word}
    </span>
  );
}

/** The others who have the draft open. */
function Writers() {
  const { awareness, doc } = useSession().sync;
  const cache = useRef<{ json: string; writers: readonly (Writer & { client: number })[] }>({
    json: "",
    writers: [],
  });
  const subscribe = useCallback(
    (listener: () => void) => {
      awareness.on("change", listener);
      return () => awareness.off("change", listener);
    },
    [awareness],
  );
  const writers = useSyncExternalStore(subscribe, () => {
    const others = [...awareness.getStates()]
      .filter(([client]) => client !== doc.clientID)
      .map(([client, { user }]) => ({ client, ...readWriter(user) }));
    const json = JSON.stringify(others);
    if (json !== cache.current.json) cache.current = { json, writers: others };
    return cache.current.writers;
  });
  if (writers.length === 0) return null;
  return (
    <ul className="writers" aria-label="Also writing">
      {writers.slice(0, 5).map(({ client, name, color }) => (
        <li key={client} aria-label={name} title={`${name} is writing, too`} style={{ background: color }}>
          <span aria-hidden="true">{name.slice(0, 2).toUpperCase()}</span>
        </li>
      ))}
      {writers.length > 5 && <li className="more">+{writers.length - 5}</li>}
    </ul>
  );
}

function useUndoState(): { canUndo: boolean; canRedo: boolean } {
  const { undo } = useSession();
  const subscribe = useCallback(
    (listener: () => void) => {
      const names = ["stack-item-added", "stack-item-popped", "stack-cleared"] as const;
      for (const name of names) undo.on(name, listener);
      return () => {
        for (const name of names) undo.off(name, listener);
      };
    },
    [undo],
  );
  const canUndo = useSyncExternalStore(subscribe, () => undo.canUndo());
  const canRedo = useSyncExternalStore(subscribe, () => undo.canRedo());
  return { canUndo, canRedo };
}
