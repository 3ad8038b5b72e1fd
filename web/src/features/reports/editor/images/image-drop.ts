/** Image files that are pasted, or dropped on the text. */

import { type Editor, Extension } from "@tiptap/core";
import { Fragment, Slice } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { dropPoint } from "@tiptap/pm/transform";
import type { EditorView } from "@tiptap/pm/view";
import type { Session } from "../session";
import { isOfFiles } from "./image-files";
import { insertImages } from "./insert-images";

export const ImageDrop = Extension.create<{ readonly session: Session | null }>({
  name: "imageDrop",
  // before text is read from the clipboard
  priority: 200,
  addOptions: () => ({ session: null }),
  addProseMirrorPlugins() {
    const { session } = this.options;
    return session ? [imageDrop(this.editor, session)] : [];
  },
});

function imageDrop(editor: Editor, session: Session): Plugin {
  return new Plugin({
    props: {
      handlePaste: (_, { clipboardData }) => {
        if (!clipboardData || !isOfFiles(clipboardData, clipboardData.getData("text/html"))) return false;
        insertImages(editor, session, [...clipboardData.files], null);
        return true;
      },
      handleDrop: (view, event) => {
        const files = [...(event.dataTransfer?.files ?? [])];
        if (files.length === 0) return false;
        event.preventDefault();
        insertImages(editor, session, files, pointOf(view, event));
        return true;
      },
    },
    view: () => {
      // elsewhere on the page the browser would open the file in the page's place
      window.addEventListener("dragover", takeFiles);
      const onDrop = (event: DragEvent) => {
        if (!hasFiles(event) || event.defaultPrevented) return;
        event.preventDefault();
        const isOnPage = event.target instanceof Element && event.target.closest(".report-scroll") !== null;
        if (!isOnPage) return;
        const end = editor.state.doc.content.size;
        insertImages(editor, session, [...(event.dataTransfer?.files ?? [])], end);
      };
      window.addEventListener("drop", onDrop);
      return {
        destroy: () => {
          window.removeEventListener("dragover", takeFiles);
          window.removeEventListener("drop", onDrop);
        },
      };
    },
  });
}

function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer?.types.includes("Files") ?? false;
}

function takeFiles(event: DragEvent): void {
  if (hasFiles(event)) event.preventDefault();
}

/** The position between blocks that is next to the pointer; the end if it is over none. */
function pointOf(view: EditorView, { clientX: left, clientY: top }: DragEvent): number {
  const { doc, schema } = view.state;
  const pos = view.posAtCoords({ left, top })?.pos;
  const block = schema.nodes.block?.create({ kind: "image" });
  const point =
    pos === undefined || !block ? null : dropPoint(doc, pos, new Slice(Fragment.from(block), 0, 0));
  return point ?? doc.content.size;
}
