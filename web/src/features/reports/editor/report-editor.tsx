/** The draft of a report, written by everyone who has it open. Loaded only where one writes. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState, useSyncExternalStore } from "react";
import { serverQuery } from "@/api/projects";
import { DraftSync } from "@/api/reports/draft-sync";
import type { ProjectRef } from "@/api/types";
import { showFailed } from "@/ui/overlays/toasts";
import { PageProblem } from "@/ui/signs/page-problem";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { createUndo, EDITOR_ORIGIN, writerOf } from "./collaboration";
import { EditorPage } from "./editor-page";
import { ImageUploads } from "./images/uploads";
import { canEdit, hasKnownTop } from "./schema/schema";
import { type Session, SessionContext } from "./session";
import "../report.css";
import "./editor.css";

interface ReportEditorProps {
  readonly project: ProjectRef;
  readonly report: string;
  /** Shows the draft, whose edits are durable. */
  onDone(): void;
  /** Shows the published version, and stores its figures. */
  onPublished(): void;
  /** The page for a document with parts that this version does not know. */
  readonly fallback: React.ReactNode;
}

export default function ReportEditor(props: ReportEditorProps) {
  // begins again without a change that the server refused
  const [attempt, setAttempt] = useState(0);
  return <Draft key={attempt} {...props} onAgain={() => setAttempt(attempt + 1)} />;
}

interface DraftProps extends ReportEditorProps {
  onAgain(): void;
}

function Draft({ project, report, onDone, onPublished, fallback, onAgain }: DraftProps) {
  const server = useQuery(serverQuery).data;
  const [session, setSession] = useState<Session | null>(null);
  const account = server?.account ?? null;
  const name = server && (server.account ?? server.user ?? "Someone");
  useEffect(() => {
    if (name === undefined) return;
    const sync = new DraftSync({
      ref: { project, report },
      account,
      editorOrigin: EDITOR_ORIGIN,
      canEdit,
      hasKnownTop,
    });
    sync.awareness.setLocalStateField("user", writerOf(name, sync.doc.clientID));
    const uploads = new ImageUploads({ project, report }, sync.doc);
    setSession({ sync, project, report, undo: createUndo(sync), uploads });
    void sync.open();
    const onLeave = (event: BeforeUnloadEvent) => {
      sync.sendLast();
      const state = sync.state();
      if (state.kind === "open" && state.nUnsent + uploads.nSending() > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", onLeave);
    window.addEventListener("pagehide", sync.leave);
    return () => {
      window.removeEventListener("beforeunload", onLeave);
      window.removeEventListener("pagehide", sync.leave);
      uploads.close();
      void sync.flush().then(() => sync.close());
    };
  }, [project, report, account, name]);
  if (!session) return <SkeletonRows n={10} label="Loading the draft" />;
  return (
    <SessionContext value={session}>
      <Opened
        session={session}
        onDone={onDone}
        onPublished={onPublished}
        fallback={fallback}
        onAgain={onAgain}
      />
    </SessionContext>
  );
}

interface OpenedProps extends Pick<ReportEditorProps, "onDone" | "onPublished" | "fallback"> {
  readonly session: Session;
  onAgain(): void;
}

const OPEN = { kind: "open" } as const;

function Opened({ session, onDone, onPublished, fallback, onAgain }: OpenedProps) {
  const { sync } = session;
  // of an open draft the counts alone change, with each key
  const state = useSyncExternalStore(sync.subscribe, () => {
    const now = sync.state();
    return now.kind === "open" ? OPEN : now;
  });
  const refusal = state.kind === "refused" ? state.reason : null;
  useEffect(() => {
    if (refusal === null) return;
    showFailed("The server refused your last change, which was taken back", new Error(refusal));
    onAgain();
  }, [refusal, onAgain]);
  switch (state.kind) {
    case "opening":
      return state.error ? (
        <PageProblem icon="warn" title="The server does not answer">
          <span>The draft opens once it does.</span>
        </PageProblem>
      ) : (
        <SkeletonRows n={10} label="Loading the draft" />
      );
    case "refused":
      return <SkeletonRows n={10} label="Loading the draft" />;
    case "closed":
      return (
        <PageProblem icon="lock" title="The draft can't be edited any more">
          <span>{state.error.message}</span>
          <button type="button" className="btn sm" onClick={onDone}>
            Read the report
          </button>
        </PageProblem>
      );
    case "outdated":
      return (
        <>
          <div className="editor-note" role="alert">
            <span>The report has something that this page does not know: reload it to edit.</span>
            <button type="button" className="btn sm" onClick={() => window.location.reload()}>
              Reload
            </button>
          </div>
          {fallback}
        </>
      );
    case "open":
      return <EditorPage onDone={onDone} onPublished={onPublished} />;
  }
}
