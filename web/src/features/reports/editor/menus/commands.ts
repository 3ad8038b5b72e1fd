/** Commands on whole blocks: insert, turn into another kind, move, copy. */

import type { Editor, JSONContent } from "@tiptap/core";
import { type EditorState, NodeSelection, TextSelection, type Transaction } from "@tiptap/pm/state";
import { type Members, writeMembers } from "../members";
import { inlineId, openObject } from "../objects/opened";
import { newId } from "../schema/fill";
import { tableOf } from "../schema/tables";
import type { Session } from "../session";

/** Puts a block where the caret is: in place of an empty paragraph, otherwise after the block. */
function insert(editor: Editor, content: JSONContent): void {
  const { $from } = editor.state.selection;
  const isEmpty = $from.parent.type.name === "paragraph" && $from.parent.content.size === 0;
  const depth = $from.depth > 0 ? $from.depth : 0;
  const from = isEmpty ? $from.before() : depth > 0 ? $from.after() : editor.state.selection.to;
  const to = isEmpty ? $from.after() : from;
  const node = editor.schema.nodeFromJSON(content);
  const tr = editor.state.tr.replaceWith(from, to, node);
  if (node.isAtom) {
    const after = from + node.nodeSize;
    const $after = tr.doc.resolve(after);
    // writing goes on below it
    if (!$after.nodeAfter) tr.insert(after, editor.schema.nodes.paragraph!.create());
    tr.setSelection(
      content.type === "block"
        ? NodeSelection.create(tr.doc, from)
        : TextSelection.near(tr.doc.resolve(after)),
    );
  } else tr.setSelection(TextSelection.near(tr.doc.resolve(from + 1)));
  editor.view.dispatch(tr.scrollIntoView());
  editor.view.focus();
}

export function insertTable(editor: Editor): void {
  insert(
    editor,
    tableOf([
      ["", "", ""],
      ["", "", ""],
      ["", "", ""],
    ]),
  );
}

export function insertColumns(editor: Editor): void {
  insert(editor, { type: "columns", content: [column(), column()] });
}

function column(): JSONContent {
  return { type: "column", content: [{ type: "paragraph" }] };
}

export function insertDetails(editor: Editor): void {
  insert(editor, {
    type: "details",
    attrs: { open: true },
    content: [{ type: "detailsSummary" }, { type: "detailsContent", content: [{ type: "paragraph" }] }],
  });
}

export function insertDivider(editor: Editor): void {
  insert(editor, { type: "horizontalRule" });
}

/** An object with its members; its fields open if it has any. */
export function insertObject(
  editor: Editor,
  { sync }: Session,
  kind: string,
  members: Members,
  opens = true,
): void {
  const id = newId();
  writeMembers(sync.doc, kind, id, members);
  insert(editor, { type: "block", attrs: { id, kind } });
  if (opens) openObject(id);
}

/** An object in the line; its fields open. */
export function insertInline(editor: Editor, kind: string, data: Members, opens: boolean): void {
  const from = editor.state.selection.from;
  editor.chain().focus().insertContent({ type: "inline", attrs: { kind, data } }).run();
  if (opens) openObject(inlineId(from));
}

/** The block that is moved: an item of a list, or what is at the top. */
function blockAround(state: EditorState): { readonly from: number; readonly depth: number } | null {
  const { $from } = state.selection;
  if (state.selection instanceof NodeSelection && $from.depth === 0) return { from: $from.pos, depth: 0 };
  for (let depth = $from.depth; depth > 1; depth--)
    if (/^(listItem|taskItem)$/.test($from.node(depth).type.name))
      return { from: $from.before(depth), depth: depth - 1 };
  return $from.depth > 0 ? { from: $from.before(1), depth: 0 } : null;
}

/** Moves the block at the caret before the one above it, or after the one below. */
export function moveBlock(editor: Editor, direction: "up" | "down"): boolean {
  const { state } = editor;
  const block = blockAround(state);
  if (!block) return false;
  const tr = moved(state, block.from, direction);
  if (!tr) return true;
  editor.view.dispatch(tr.scrollIntoView());
  return true;
}

function moved(state: EditorState, from: number, direction: "up" | "down"): Transaction | null {
  const $from = state.doc.resolve(from);
  const node = $from.nodeAfter;
  const index = $from.index();
  if (!node) return null;
  const other = direction === "up" ? index - 1 : index + 1;
  if (other < 0 || other >= $from.parent.childCount) return null;
  const size = $from.parent.child(other).nodeSize;
  const to = direction === "up" ? from - size : from + size;
  const { tr, selection } = state;
  const isNode = selection instanceof NodeSelection && selection.from === from;
  const offsets = [selection.anchor - from, selection.head - from] as const;
  tr.delete(from, from + node.nodeSize).insert(to, node);
  tr.setSelection(
    isNode
      ? NodeSelection.create(tr.doc, to)
      : TextSelection.between(tr.doc.resolve(to + offsets[0]), tr.doc.resolve(to + offsets[1])),
  );
  return tr;
}

export function duplicateBlock(editor: Editor, from: number): void {
  const node = editor.state.doc.nodeAt(from);
  if (node) editor.view.dispatch(editor.state.tr.insert(from + node.nodeSize, node.copy(node.content)));
}

export function deleteBlock(editor: Editor, from: number): void {
  const node = editor.state.doc.nodeAt(from);
  if (node) editor.view.dispatch(editor.state.tr.delete(from, from + node.nodeSize));
  editor.commands.focus();
}
