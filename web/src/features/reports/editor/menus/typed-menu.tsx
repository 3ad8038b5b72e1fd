/** The menu of a typed `/` (blocks) or `@` (people); the focus stays in the text. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { Editor } from "@tiptap/react";
import { useEffect, useId, useMemo, useRef, useState } from "react";
import { userMatchesQuery } from "@/api/people/users";
import { type Session, useSession } from "../session";
import { findKinds } from "./block-kinds";
import { insertInline } from "./commands";
import { closeTrigger, setMenuKeys, type Trigger, triggerOf } from "./typed-trigger";
import { useEditorState } from "./use-editor-state";

interface Item {
  readonly label: string;
  readonly note: string;
  readonly sign: string;
  readonly typed?: string;
  insert(editor: Editor, session: Session): void;
}

const MOST_PEOPLE = 8;

export function TypedMenu({ editor }: { editor: Editor }) {
  const trigger = useEditorState(editor, triggerOf);
  const sign = trigger?.sign ?? null;
  const query = trigger?.query ?? "";
  const word = query.trim().toLowerCase();
  const { data: people } = useQuery({
    ...userMatchesQuery(word, MOST_PEOPLE),
    enabled: sign === "@",
    placeholderData: keepPreviousData,
  });
  const items = useMemo((): readonly Item[] => {
    if (sign === "/") return findKinds(query);
    if (sign === null) return [];
    const names = people ?? [];
    // also one that this server does not list
    const typed = /^[\w.-]{2,40}$/.test(word) && !names.some(({ name }) => name === word);
    return [...names, ...(typed ? [{ name: word, display_name: null }] : [])].map(
      ({ name, display_name: displayName }) => ({
        label: displayName || name,
        note: name,
        sign: "@",
        insert: (of) => {
          insertInline(of, "mention", { user: name }, false);
          of.commands.insertContent(" ");
        },
      }),
    );
  }, [sign, query, word, people]);
  if (!trigger || items.length === 0) return null;
  return <OpenMenu key={trigger.sign} editor={editor} trigger={trigger} items={items} />;
}

interface OpenMenuProps {
  readonly editor: Editor;
  readonly trigger: Trigger;
  readonly items: readonly Item[];
}

const MENU_PX = 340;

function OpenMenu({ editor, trigger, items }: OpenMenuProps) {
  const session = useSession();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [marked, setMarked] = useState({ query: trigger.query, index: 0 });
  // another word, another list
  const index = marked.query === trigger.query ? Math.min(marked.index, items.length - 1) : 0;
  const choose = (item: Item) => {
    editor.chain().focus().deleteRange({ from: trigger.from, to: trigger.to }).run();
    item.insert(editor, session);
  };
  const take = (event: KeyboardEvent): boolean => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return false;
    const go = (next: number) => {
      setMarked({ query: trigger.query, index: (next + items.length) % items.length });
      return true;
    };
    switch (event.key) {
      case "ArrowDown":
        return go(index + 1);
      case "ArrowUp":
        return go(index - 1);
      case "Enter":
      case "Tab": {
        const item = items[index];
        if (item) choose(item);
        return true;
      }
      case "Escape":
        event.preventDefault();
        event.stopPropagation();
        closeTrigger(editor);
        return true;
      default:
        return false;
    }
  };
  // always as it is drawn last
  useEffect(() => {
    setMenuKeys(take);
    return () => setMenuKeys(null);
  });
  useEffect(() => {
    const { dom } = editor.view;
    dom.setAttribute("aria-controls", id);
    dom.setAttribute("aria-activedescendant", `${id}-${index}`);
    list.current
      ?.querySelector(`[id="${CSS.escape(`${id}-${index}`)}"]`)
      ?.scrollIntoView({ block: "nearest" });
    return () => {
      dom.removeAttribute("aria-controls");
      dom.removeAttribute("aria-activedescendant");
    };
  }, [editor, id, index]);
  const { left, top, bottom } = editor.view.coordsAtPos(trigger.from);
  const isBelow = bottom + MENU_PX < window.innerHeight || top < MENU_PX;
  return (
    <div
      ref={list}
      id={id}
      className="typed-menu"
      role="listbox"
      aria-label={trigger.sign === "/" ? "Insert" : "People"}
      style={{
        left: Math.max(8, Math.min(left, window.innerWidth - 332)),
        ...(isBelow ? { top: bottom + 4 } : { bottom: window.innerHeight - top + 4 }),
      }}
    >
      {items.map((item, i) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text has the keys
        <div
          key={item.label}
          id={`${id}-${i}`}
          role="option"
          tabIndex={-1}
          aria-selected={i === index}
          // the text keeps the focus
          onMouseDown={(event) => event.preventDefault()}
          onMouseMove={() => i !== index && setMarked({ query: trigger.query, index: i })}
          onClick={() => choose(item)}
        >
          <span className="sign" aria-hidden="true">
            {item.sign}
          </span>
          <span className="words">
            {item.label}
            <small>{item.note}</small>
          </span>
          {item.typed && <kbd>{item.typed}</kbd>}
        </div>
      ))}
    </div>
  );
}
