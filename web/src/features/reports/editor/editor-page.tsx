/** The page of a report that is being written: its bar, title and text. */

import { type Editor, EditorContent, useEditor } from "@tiptap/react";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { UndoManager } from "yjs";
import { imageAddress } from "@/api/reports/images";
import { isSynced } from "@/charts/shared-state";
import { WIDTHS } from "@/data/report/document";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { LiveText } from "../../board/moving/live-text";
import { undoOf } from "../../last-act";
import { usePageStatus } from "../../page-status";
import { OutlineList } from "../blocks/block-list";
import { CommentsFrame } from "../comments/comments-frame";
import { CommentsHere } from "../comments/comments-here";
import { ReportContext } from "../report-context";
import { reportTitle } from "../report-state";
import { useReferences } from "../report-values";
import { EditorBar } from "./editor-bar";
import { extensionsOf } from "./extensions";
import { BlockHandle } from "./menus/block-handle";
import { SelectionBar } from "./menus/selection-bar";
import { TypedMenu } from "./menus/typed-menu";
import { useMeta, useSession } from "./session";
import { TitleFields } from "./title-fields";
import { useWrittenDocument } from "./written-document";

interface EditorPageProps {
  onDone(): void;
  onPublished(): void;
}

export function EditorPage({ onDone, onPublished }: EditorPageProps) {
  const session = useSession();
  const { project } = session;
  const extensions = useMemo(() => extensionsOf(session), [session]);
  const editor = useEditor({
    extensions,
    injectCSS: false,
    enableCoreExtensions: { delete: false },
    shouldRerenderOnTransaction: false,
    editorProps: {
      attributes: {
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": "Text of the report",
        class: "written",
      },
    },
  });
  const document = useWrittenDocument(editor);
  const runOf = useReferences(document.references);
  const [page, setPage] = useState<HTMLElement | null>(null);
  const [scroll, setScroll] = useState<HTMLElement | null>(null);
  const [width] = useMeta("width");
  const [title] = useMeta("title");
  useEffect(() => usePageStatus.setState({ title: reportTitle({ title }) }), [title]);
  useEffect(() => isSynced.set(true), []);
  useUndoKeys(session.undo);
  const { outline, panelLevels } = document;
  const { report } = session;
  const imageOf = useCallback((sha256: string) => imageAddress(project, report, sha256), [project, report]);
  const frame = useMemo(
    () => ({ project, page, outline, panelLevels, runOf, storedRunOf, imageOf }),
    [project, page, outline, panelLevels, runOf, imageOf],
  );
  return (
    <ReportContext value={frame}>
      <CommentsFrame project={project} report={session.report} audience="editors" version={null}>
        <main className="report editing" aria-label="Report" ref={setPage}>
          <EditorBar editor={editor} onDone={onDone} onPublished={onPublished} />
          <div className="report-scroll" ref={setScroll}>
            {scroll && (
              <ScrollRoot value={scroll}>
                <div className={`report-page of-${WIDTHS.find((name) => name === width) ?? "readable"}`}>
                  {outline.length > 1 && (
                    <nav className="report-outline" aria-label="In this report">
                      <h2>In this report</h2>
                      <OutlineList />
                    </nav>
                  )}
                  <article>
                    <TitleFields onLeave={() => focusStart(editor)} />
                    <Written editor={editor} scroll={scroll} />
                  </article>
                  <CommentsHere report={page} isEditor />
                </div>
              </ScrollRoot>
            )}
          </div>
          <PinnedTip />
          <TipLayer />
          <LiveText />
        </main>
      </CommentsFrame>
    </ReportContext>
  );
}

/** A draft has no figures. */
const storedRunOf = () => null;

/** In fields keys have their own way back; in the text the editor has taken them before. */
const OWN_UNDO = "input:not([type=range], [type=checkbox], [type=radio]), textarea";

/** At once, not in the next frame as the command `focus`: what is typed right after Enter is written here. */
function focusStart(editor: Editor): void {
  editor.commands.setTextSelection(0);
  editor.view.focus();
}

/** Ctrl+Z and Ctrl+Shift+Z (⌘ on a Mac) in panels and their settings. */
function useUndoKeys(undo: UndoManager): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const way = event.defaultPrevented ? null : undoOf(event, OWN_UNDO);
      if (way === null) return;
      event.preventDefault();
      undo[way]();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [undo]);
}

function Written({ editor, scroll }: { editor: Editor; scroll: HTMLElement }) {
  return (
    <div className="editor">
      <EditorContent editor={editor} />
      <BlockHandle editor={editor} />
      <TypedMenu editor={editor} />
      <SelectionBar editor={editor} scroll={scroll} />
      {/* a click below the text begins a new paragraph */}
      {/* biome-ignore lint/a11y: keys have Enter for it */}
      <div
        className="editor-end"
        // the text keeps the focus: TipTap gives it back a frame later, and keys would be lost until then
        onMouseDown={(event) => event.preventDefault()}
        onClick={() => {
          const last = editor.state.doc.lastChild;
          if (last?.type.name === "paragraph" && last.content.size === 0) editor.commands.focus("end");
          else
            editor
              .chain()
              .insertContentAt(editor.state.doc.content.size, { type: "paragraph" })
              .focus("end")
              .run();
        }}
      />
    </div>
  );
}
