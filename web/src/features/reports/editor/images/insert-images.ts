/** Puts image files into the text, each as a block of its own. */

import type { Editor } from "@tiptap/core";
import { Fragment, type NodeType, type ResolvedPos } from "@tiptap/pm/model";
import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import { formatNoun } from "@/data/text/format";
import { showFailed } from "@/ui/overlays/toasts";
import { writeMembers } from "../members";
import { newId } from "../schema/fill";
import type { Session } from "../session";
import { refusalOf } from "./image-files";

/** @param at a position where blocks may stand; null: at the caret */
export function insertImages(
  editor: Editor,
  { sync, undo, uploads }: Session,
  files: readonly File[],
  at: number | null,
): void {
  const images = takeImages(files);
  const type = editor.schema.nodes.block;
  if (images.length === 0 || !type) return;
  // one step of its own, next to what is typed
  undo.stopCapturing();
  const nodes = images.map((file) => {
    const id = newId();
    writeMembers(sync.doc, "image", id, { alt: "", caption: "" });
    uploads.start(id, file);
    return type.create({ id, kind: "image" });
  });
  const { tr, selection } = editor.state;
  if (at === null && !selection.empty && !(selection instanceof NodeSelection)) tr.deleteSelection();
  const { from, to } = at === null ? placeOf(tr.selection.$to, type) : { from: at, to: at };
  const content = Fragment.from(nodes);
  tr.replaceWith(from, to, content);
  const end = Math.min(from + content.size, tr.doc.content.size);
  // writing goes on below: a key would replace a selected block, or go into the text after it
  const next = tr.doc.resolve(end).nodeAfter;
  const isWritable = next?.isTextblock === true && (at !== null || next.content.size === 0);
  if (!isWritable) tr.insert(end, editor.schema.nodes.paragraph!.create());
  tr.setSelection(TextSelection.near(tr.doc.resolve(end + 1)));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
  undo.stopCapturing();
}

/** The files that may be images; says of the others why they are not. */
export function takeImages(files: readonly File[]): readonly File[] {
  const refused = files.flatMap((file) => {
    const reason = refusalOf(file);
    return reason === null ? [] : [{ name: file.name || "The file", reason }];
  });
  const [first] = refused;
  if (first)
    showFailed(
      refused.length === 1
        ? `${first.name} was not added`
        : `${formatNoun(refused.length, "file")} were not added`,
      new Error(refused.length === 1 ? first.reason : `${first.name}: ${first.reason}`),
    );
  return files.filter((file) => refusalOf(file) === null);
}

/** In place of an empty paragraph, otherwise after the innermost block that a block may follow. */
function placeOf($pos: ResolvedPos, type: NodeType): { readonly from: number; readonly to: number } {
  const { parent, depth: innermost } = $pos;
  if (parent.type.name === "paragraph" && parent.content.size === 0) {
    const index = $pos.index(innermost - 1);
    if ($pos.node(innermost - 1).canReplaceWith(index, index + 1, type))
      return { from: $pos.before(), to: $pos.after() };
  }
  for (let depth = innermost; depth > 0; depth--) {
    const index = $pos.indexAfter(depth - 1);
    if ($pos.node(depth - 1).canReplaceWith(index, index, type)) {
      const after = $pos.after(depth);
      return { from: after, to: after };
    }
  }
  return { from: $pos.pos, to: $pos.pos };
}
