/** The handle at the left of the block under the pointer: adds one below, drags it, opens its menu. */

import { NodeSelection, TextSelection } from "@tiptap/pm/state";
import type { Editor } from "@tiptap/react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { copyText } from "@/ui/browser/copy-text";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";
import { useComments } from "../../comments/comments-context";
import { deleteBlock, duplicateBlock, moveBlock } from "./commands";

interface Target {
  readonly element: HTMLElement;
  /** From the top of the text, px. */
  readonly top: number;
}

export function BlockHandle({ editor }: { editor: Editor }) {
  const handle = useRef<HTMLDivElement>(null);
  const [target, setTarget] = useState<Target | null>(null);
  const [isOpen, setOpen] = useState(false);
  const comments = useComments();
  useEffect(() => {
    const frame = editor.view.dom.closest<HTMLElement>(".editor");
    if (!frame || isOpen) return;
    const onMove = (event: PointerEvent) => {
      if (handle.current?.contains(event.target as Node)) return;
      const text = editor.view.dom.getBoundingClientRect();
      // in the margin it is the block at the same height
      const x = Math.max(text.left + 24, Math.min(event.clientX, text.right - 24));
      const under = document.elementFromPoint(x, event.clientY)?.closest<HTMLElement>(".written > *");
      if (!under || !editor.view.dom.contains(under)) return;
      const top = under.getBoundingClientRect().top - frame.getBoundingClientRect().top;
      setTarget((before) =>
        before?.element === under && before.top === top ? before : { element: under, top },
      );
    };
    const onLeave = () => setTarget(null);
    const onKey = () => setTarget(null);
    const area = frame.closest<HTMLElement>(".report-page") ?? frame;
    area.addEventListener("pointermove", onMove);
    area.addEventListener("pointerleave", onLeave);
    editor.view.dom.addEventListener("keydown", onKey);
    return () => {
      area.removeEventListener("pointermove", onMove);
      area.removeEventListener("pointerleave", onLeave);
      editor.view.dom.removeEventListener("keydown", onKey);
    };
  }, [editor, isOpen]);
  if (!target?.element.isConnected) return null;
  const position = () => {
    const inside = editor.view.posAtDOM(target.element, 0);
    const $pos = editor.state.doc.resolve(inside);
    return $pos.depth > 0 ? $pos.before(1) : inside;
  };
  const select = () => {
    const { tr } = editor.state;
    editor.view.dispatch(tr.setSelection(NodeSelection.create(tr.doc, position())));
  };
  const add = () => {
    const from = position();
    const end = from + (editor.state.doc.nodeAt(from)?.nodeSize ?? 0);
    const { tr, schema } = editor.state;
    tr.insert(end, schema.nodes.paragraph!.create());
    tr.setSelection(TextSelection.create(tr.doc, end + 1)).insertText("/");
    editor.view.dispatch(tr.scrollIntoView());
    editor.view.focus();
  };
  const onDragStart = (event: DragEvent) => {
    select();
    const slice = editor.state.selection.content();
    const { dom, text } = editor.view.serializeForClipboard(slice);
    event.dataTransfer.clearData();
    event.dataTransfer.setData("text/html", dom.innerHTML);
    event.dataTransfer.setData("text/plain", text);
    event.dataTransfer.effectAllowed = "copyMove";
    event.dataTransfer.setDragImage(target.element, 0, 0);
    editor.view.dragging = { slice, move: true };
  };
  const { id } = target.element;
  return (
    <div
      ref={handle}
      className="block-handle"
      style={{ top: target.top + offsetOf(target.element) }}
      contentEditable={false}
    >
      <button type="button" aria-label="Add a block below" data-tip="Add a block below" onClick={add}>
        <Icon name="plus" isSmall />
      </button>
      <Menu
        isOpen={isOpen}
        onOpen={setOpen}
        target={
          <button
            type="button"
            aria-label="Move or change this block"
            data-tip="Drag to move, click for more"
            draggable
            onDragStart={onDragStart}
            onDragEnd={() => {
              editor.view.dragging = null;
            }}
          >
            <Icon name="grip" isSmall />
          </button>
        }
      >
        <MenuItem
          icon="up"
          keys="Alt Shift ↑"
          onChoose={() => {
            select();
            moveBlock(editor, "up");
          }}
        >
          Move up
        </MenuItem>
        <MenuItem
          icon="down"
          keys="Alt Shift ↓"
          onChoose={() => {
            select();
            moveBlock(editor, "down");
          }}
        >
          Move down
        </MenuItem>
        <MenuItem icon="copy" keys="Ctrl Shift D" onChoose={() => duplicateBlock(editor, position())}>
          Duplicate
        </MenuItem>
        {id && (
          <MenuItem
            icon="link"
            onChoose={() =>
              void copyText(
                `${window.location.origin}${window.location.pathname}#${id}`,
                "the link to this block",
              )
            }
          >
            Copy link
          </MenuItem>
        )}
        {id && comments && (
          <MenuItem icon="comment" onChoose={() => comments.begin({ block: id })}>
            Comment
          </MenuItem>
        )}
        <MenuLine />
        <MenuItem icon="trash" isDanger onChoose={() => deleteBlock(editor, position())}>
          Delete
        </MenuItem>
      </Menu>
    </div>
  );
}

/** The handle stands at the first line. */
function offsetOf(element: HTMLElement): number {
  const tag = element.tagName;
  return tag === "H2" ? 8 : tag === "H3" ? 7 : 6;
}
