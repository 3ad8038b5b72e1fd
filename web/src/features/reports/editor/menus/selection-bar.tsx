/** Marks and the link of selected text, over it. Alt+F10 leads there by keyboard. */

import { NodeSelection } from "@tiptap/pm/state";
import type { Editor } from "@tiptap/react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { Icon } from "@/ui/signs/icons";
import { selectedAnchor } from "../../comments/block-text";
import { useComments } from "../../comments/comments-context";
import { isSafeLink } from "../schema/marks";
import { useEditorState } from "./use-editor-state";

const MARKS = [
  { name: "bold", label: "Bold", keys: "Ctrl B", sign: <b>B</b> },
  { name: "italic", label: "Italic", keys: "Ctrl I", sign: <i>I</i> },
  { name: "underline", label: "Underline", keys: "Ctrl U", sign: <u>U</u> },
  { name: "strike", label: "Strike through", keys: "Ctrl Shift S", sign: <s>S</s> },
  { name: "code", label: "Code", keys: "Ctrl E", sign: <code data-glyph="<>" /> },
  { name: "highlight", label: "Highlight", keys: "Ctrl Shift H", sign: <mark>H</mark> },
  { name: "superscript", label: "Superscript", keys: "Ctrl .", sign: <span data-glyph="x²" /> },
  { name: "subscript", label: "Subscript", keys: "Ctrl ,", sign: <span data-glyph="x₂" /> },
] as const;

interface Selected {
  readonly from: number;
  readonly to: number;
  readonly marks: readonly string[];
  readonly href: string | null;
  /** Nothing is selected: the caret is in a link. */
  readonly isLinkOnly: boolean;
}

function selectedOf(editor: Editor): Selected | null {
  const { selection } = editor.state;
  const { from, to, empty, $from } = selection;
  const hasFocus = editor.isFocused || (document.activeElement?.closest(".selection-bar") ?? null) !== null;
  if (!hasFocus || selection instanceof NodeSelection || $from.parent.type.spec.code) return null;
  const href = (editor.getAttributes("link").href as string | undefined) ?? null;
  if (empty && href === null) return null;
  if (!empty && editor.state.doc.textBetween(from, to, " ").trim() === "") return null;
  const marks = MARKS.filter(({ name }) => editor.isActive(name)).map(({ name }) => name);
  return { from, to, marks, href, isLinkOnly: empty };
}

/** @param linking counts how often the keys for a link were pressed */
export function SelectionBar({ editor, scroll }: { editor: Editor; scroll: HTMLElement }) {
  const selected = useEditorState(editor, selectedOf);
  const comments = useComments();
  const [isLinking, setLinking] = useState(false);
  const [kept, setKept] = useState<Selected | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const shown = isLinking ? kept : selected;
  useEffect(() => {
    const { dom } = editor.view;
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key === "F10" && event.altKey) {
        event.preventDefault();
        bar.current?.querySelector<HTMLElement>("button")?.focus();
      }
      if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey) {
        const now = selectedOf(editor);
        if (!now) return;
        // and not the search of the app
        event.preventDefault();
        event.stopPropagation();
        setKept(now);
        setLinking(true);
      }
    };
    dom.addEventListener("keydown", onKey);
    return () => dom.removeEventListener("keydown", onKey);
  }, [editor]);
  const position = usePosition(editor, shown, scroll, bar);
  if (!shown) return null;
  const close = () => {
    setLinking(false);
    editor.commands.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  };
  return (
    <div
      ref={bar}
      className="selection-bar"
      role="toolbar"
      aria-label="Text"
      style={position}
      onKeyDown={onKeyDown}
      onMouseDown={(event) => {
        if (!(event.target instanceof HTMLInputElement)) event.preventDefault();
      }}
    >
      {isLinking ? (
        <LinkField editor={editor} selected={shown} onClose={close} />
      ) : (
        <>
          {!shown.isLinkOnly &&
            MARKS.map(({ name, label, keys, sign }) => (
              <button
                key={name}
                type="button"
                aria-label={label}
                aria-pressed={shown.marks.includes(name)}
                title={`${label} (${keys})`}
                onClick={() => editor.chain().focus().toggleMark(name).run()}
              >
                {sign}
              </button>
            ))}
          {shown.isLinkOnly && shown.href && (
            <a href={shown.href} target="_blank" rel="noopener noreferrer" className="ell">
              {shown.href}
            </a>
          )}
          <button
            type="button"
            aria-label={shown.href === null ? "Link" : "Edit the link"}
            aria-pressed={shown.href !== null}
            title="Link (Ctrl K)"
            onClick={() => {
              setKept(shown);
              setLinking(true);
            }}
          >
            <Icon name={shown.isLinkOnly ? "edit" : "link"} isSmall />
          </button>
          {!shown.isLinkOnly && comments && (
            <button
              type="button"
              aria-label="Comment"
              title="Comment (Ctrl Alt M)"
              onClick={() => {
                const anchor = selectedAnchor(editor.view.dom);
                if (anchor) comments.begin(anchor);
              }}
            >
              <Icon name="comment" isSmall />
            </button>
          )}
          {shown.isLinkOnly && (
            <button
              type="button"
              aria-label="Remove the link"
              onClick={() => editor.chain().focus().extendMarkRange("link").unsetMark("link").run()}
            >
              <Icon name="x" isSmall />
            </button>
          )}
        </>
      )}
    </div>
  );
}

interface LinkFieldProps {
  readonly editor: Editor;
  readonly selected: Selected;
  onClose(): void;
}

function LinkField({ editor, selected: { from, to, href }, onClose }: LinkFieldProps) {
  const [url, setUrl] = useState(href ?? "");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const typed = url.trim();
  const full = /^[\w-]+(\.[\w-]+)+([/?#]|$)/.test(typed) ? `https://${typed}` : typed;
  const isWrong = full !== "" && !isSafeLink(full);
  const set = () => {
    if (isWrong) return;
    const chain = editor.chain().setTextSelection({ from, to }).extendMarkRange("link");
    if (full === "") chain.unsetMark("link").run();
    else chain.setMark("link", { href: full }).setTextSelection(to).run();
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        set();
      }}
    >
      <input
        ref={field}
        aria-label="Address of the link"
        aria-invalid={isWrong}
        placeholder="https://, or /entity/project on this server"
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      <button type="submit" className="word" disabled={isWrong}>
        {full === "" && href !== null ? "Remove" : "Set"}
      </button>
    </form>
  );
}

/** Over the selection, in the page's frame; moves with what is scrolled. */
function usePosition(
  editor: Editor,
  selected: Selected | null,
  scroll: HTMLElement,
  bar: React.RefObject<HTMLDivElement | null>,
) {
  const [, setScrolled] = useState(0);
  const [width, setWidth] = useState(280);
  useEffect(() => {
    if (!selected) return;
    const onScroll = () => setScrolled((n) => n + 1);
    scroll.addEventListener("scroll", onScroll, { passive: true });
    return () => scroll.removeEventListener("scroll", onScroll);
  }, [scroll, selected]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: its buttons depend on what is selected
  useLayoutEffect(() => {
    if (bar.current) setWidth(bar.current.offsetWidth);
  }, [bar, selected]);
  if (!selected || selected.to > editor.state.doc.content.size) return undefined;
  const start = editor.view.coordsAtPos(selected.from);
  const end = editor.view.coordsAtPos(selected.to);
  const isOneLine = Math.abs(start.top - end.top) < 4;
  const middle = isOneLine ? (start.left + end.left) / 2 : start.left + width / 2;
  const frame = scroll.getBoundingClientRect();
  const top = start.top - 42 > frame.top ? start.top - 42 : end.bottom + 6;
  return { left: Math.max(frame.left + 8, Math.min(middle - width / 2, window.innerWidth - width - 8)), top };
}
