/** The page of a report that is being written: its bar, title and text. */

import { type Editor, EditorContent, useEditor } from "@tiptap/react";
import { useEffect, useMemo, useState } from "react";
import { isSynced } from "@/charts/shared-state";
import { WIDTHS } from "@/data/report/document";
import { ScrollRoot } from "@/panels/frame/use-in-view";
import { PinnedTip } from "@/panels/plot/pinned-tip";
import { TipLayer } from "@/panels/plot/tip-layer";
import { usePageStatus } from "../../page-status";
import { OutlineList } from "../blocks/block-list";
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
}

export function EditorPage({ onDone }: EditorPageProps) {
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
  const { outline } = document;
  const frame = useMemo(
    () => ({ project, page, outline, runOf, storedRunOf }),
    [project, page, outline, runOf],
  );
  return (
    <ReportContext value={frame}>
      <main className="report editing" aria-label="Report" ref={setPage}>
        <EditorBar editor={editor} onDone={onDone} />
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
                  <TitleFields onLeave={() => editor.commands.focus("start")} />
                  <Written editor={editor} scroll={scroll} />
                </article>
              </div>
            </ScrollRoot>
          )}
        </div>
        <PinnedTip />
        <TipLayer />
      </main>
    </ReportContext>
  );
}

/** A draft has no figures. */
const storedRunOf = () => null;

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
