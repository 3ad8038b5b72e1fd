/**
 * Paste: HTML by what the schema knows, Markdown, cells of spreadsheets, links of this server as cards.
 *
 * Nothing that is pasted is loaded or run: the schema is the allow list, and images are addresses, of which readers
 * see those of this server.
 */

import { type Editor, Extension } from "@tiptap/core";
import { DOMSerializer, type Fragment } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { insertObject } from "../menus/commands";
import { newId } from "../schema/fill";
import { isSafeLink } from "../schema/marks";
import { dataOf } from "../schema/objects";
import { tableOf } from "../schema/tables";
import { readMembers, type Session, writeMembers } from "../session";
import { cardOfLink } from "./links";
import type { ObjectOf } from "./markdown";
import { cellsOf, isMarkdown, MOST_CHARACTERS, MOST_HTML } from "./texts";

const MOST_MEMBERS = 256 << 10;

export const Paste = Extension.create<{ readonly session: Session | null }>({
  name: "pasteOfReports",
  addOptions: () => ({ session: null }),
  addProseMirrorPlugins() {
    const { session } = this.options;
    return session ? [paste(this.editor, session)] : [];
  },
});

function paste(editor: Editor, session: Session): Plugin {
  const { doc } = session.sync;
  const objectOf: ObjectOf = (kind, members) => {
    const id = newId();
    writeMembers(doc, kind, id, members);
    return { type: "block", attrs: { id, kind } };
  };
  return new Plugin({
    props: {
      handlePaste: (view, event) => {
        const html = event.clipboardData?.getData("text/html") ?? "";
        const text = event.clipboardData?.getData("text/plain") ?? "";
        const isCode = view.state.selection.$from.parent.type.spec.code;
        if (text.length > MOST_CHARACTERS || html.length > MOST_HTML) {
          const part = text.slice(0, MOST_CHARACTERS);
          view.pasteText(part);
          showFailed(
            "The pasted text was cut",
            new Error(
              `its first ${part.length.toLocaleString("en")} characters are here, without their look`,
            ),
          );
          return true;
        }
        if (isCode || text === "" || isOwn(html)) return false;
        if (html === "" || isPlain(event.clipboardData)) return pasteText(editor, session, text, objectOf);
        return false;
      },
      transformPastedHTML: (html) => safeHtml(html, session),
      clipboardSerializer: serializer(editor, session),
    },
  });
}

/** A person's press of Ctrl+Shift+V gives no HTML; editors of code give theirs with colors. */
function isPlain(data: DataTransfer | null): boolean {
  return data?.types.includes("vscode-editor-data") ?? false;
}

/** Copied in a report. */
function isOwn(html: string): boolean {
  return html.includes("data-pm-slice");
}

/** @returns false: it is text as it stands */
function pasteText(editor: Editor, session: Session, text: string, objectOf: ObjectOf): boolean {
  const { selection } = editor.state;
  const isAlone =
    selection.empty &&
    selection.$from.parent.type.name === "paragraph" &&
    selection.$from.parent.content.size === 0;
  const card = isAlone ? cardOfLink(text) : null;
  if (card) {
    insertObject(editor, session, "card", card, false);
    return true;
  }
  const cells = cellsOf(text);
  if (cells && !editor.isActive("table")) {
    editor.commands.insertContent(tableOf(cells));
    showDone(`Pasted a table of ${cells.length} rows`);
    return true;
  }
  if (!isMarkdown(text)) return false;
  void import("./markdown").then(
    ({ contentOfMarkdown }) => {
      if (!editor.isDestroyed) editor.commands.insertContent(contentOfMarkdown(text, objectOf));
    },
    (error: unknown) => {
      editor.view.pasteText(text);
      showFailed("The text was pasted as it is", error);
    },
  );
  return true;
}

/** Images and objects become blocks of this report; what else is not in the schema is dropped by it. */
function safeHtml(html: string, { sync: { doc } }: Session): string {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const object of page.querySelectorAll<HTMLElement>("div[data-object]")) {
    const { object: kind = "", id = "", members } = object.dataset;
    const own = dataOf(members);
    object.removeAttribute("data-members");
    // of another report: this one lacks its members
    if (
      own &&
      (members?.length ?? 0) <= MOST_MEMBERS &&
      /^[\w-]{1,64}$/.test(id) &&
      !readMembers(doc, kind, id)
    )
      writeMembers(doc, kind, id, own);
  }
  for (const image of page.querySelectorAll("img")) {
    const url = image.getAttribute("src") ?? "";
    if (!isSafeLink(url)) {
      image.remove();
      continue;
    }
    const id = newId();
    writeMembers(doc, "image", id, { url, alt: image.alt });
    const block = page.createElement("div");
    block.dataset.object = "image";
    block.dataset.id = id;
    image.replaceWith(block);
  }
  return page.body.innerHTML;
}

/** Copied objects take their members along. */
function serializer(editor: Editor, { sync: { doc } }: Session): DOMSerializer {
  const usual = DOMSerializer.fromSchema(editor.schema);
  const serialize = (
    fragment: Fragment,
    options?: { document?: Document },
    target?: HTMLElement | DocumentFragment,
  ) => {
    const copy = usual.serializeFragment(fragment, options, target);
    for (const object of copy.querySelectorAll<HTMLElement>("div[data-object]")) {
      const members = readMembers(doc, object.dataset.object ?? "", object.dataset.id ?? "");
      if (members) object.dataset.members = JSON.stringify(members);
    }
    return copy;
  };
  const own = new DOMSerializer(usual.nodes, usual.marks);
  own.serializeFragment = serialize as DOMSerializer["serializeFragment"];
  return own;
}
