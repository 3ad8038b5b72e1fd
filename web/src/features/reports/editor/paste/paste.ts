/**
 * Paste: HTML by what the schema knows, Markdown, cells of spreadsheets, links of this server as cards.
 *
 * Nothing that is pasted is run: the schema is the allow list. Images of other servers stay addresses, which readers
 * do not load; those of other reports are added to this one.
 */

import { type Editor, Extension } from "@tiptap/core";
import { DOMSerializer, type Fragment } from "@tiptap/pm/model";
import { Plugin } from "@tiptap/pm/state";
import { imageOfAddress, isHash, isReportPath } from "@/api/reports/images";
import { reportPath } from "@/api/reports/reports";
import { showDone, showFailed } from "@/ui/overlays/toasts";
import { fileOfAddress, refusalOf } from "../images/image-files";
import { type Members, readMembers, writeMembers } from "../members";
import { insertObject } from "../menus/commands";
import { newId } from "../schema/fill";
import { isSafeLink } from "../schema/marks";
import { dataOf } from "../schema/objects";
import { tableOf } from "../schema/tables";
import type { Session } from "../session";
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
  const objectOf: ObjectOf = (kind, members) => {
    const id = newId();
    if (kind === "image") writeImage(session, id, members);
    else writeMembers(session.sync.doc, kind, id, members);
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
function safeHtml(html: string, session: Session): string {
  const { doc } = session.sync;
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
    ) {
      if (kind === "image") writeImage(session, id, own, object.dataset.report);
      else writeMembers(doc, kind, id, own);
    }
  }
  for (const image of page.querySelectorAll("img")) {
    const url = image.getAttribute("src") ?? "";
    const file = fileOfAddress(url);
    if (!isSafeLink(url) && (!file || refusalOf(file))) {
      image.remove();
      continue;
    }
    const id = newId();
    if (file) {
      writeMembers(doc, "image", id, { alt: image.alt, caption: "" });
      session.uploads.start(id, file);
    } else writeImage(session, id, { url, alt: image.alt });
    const block = page.createElement("div");
    block.dataset.object = "image";
    block.dataset.id = id;
    image.replaceWith(block);
  }
  return page.body.innerHTML;
}

/** An image of this report by its hash; one of another report is added to this one. */
function writeImage(session: Session, id: string, members: Members, from?: string): void {
  const { sync, project, report, uploads } = session;
  const { sha256, url, ...others } = members;
  const own = reportPath(project, report);
  const stored = isHash(sha256)
    ? { report: from !== undefined && isReportPath(from) ? from : own, sha256 }
    : typeof url === "string"
      ? imageOfAddress(pathOfPage(url))
      : null;
  if (!stored) writeMembers(sync.doc, "image", id, members);
  else if (stored.report === own) writeMembers(sync.doc, "image", id, { ...others, sha256: stored.sha256 });
  else {
    writeMembers(sync.doc, "image", id, others);
    uploads.copy(id, `${stored.report}/images/${stored.sha256}`);
  }
}

/** An address of this server without its beginning, which copied pages have. */
function pathOfPage(url: string): string {
  const { origin } = window.location;
  return url.startsWith(`${origin}/`) ? url.slice(origin.length) : url;
}

/** Copied objects take their members along, and images the report that has them. */
function serializer(editor: Editor, { sync: { doc }, project, report }: Session): DOMSerializer {
  const usual = DOMSerializer.fromSchema(editor.schema);
  const serialize = (
    fragment: Fragment,
    options?: { document?: Document },
    target?: HTMLElement | DocumentFragment,
  ) => {
    const copy = usual.serializeFragment(fragment, options, target);
    for (const object of copy.querySelectorAll<HTMLElement>("div[data-object]")) {
      const members = readMembers(doc, object.dataset.object ?? "", object.dataset.id ?? "");
      if (!members) continue;
      object.dataset.members = JSON.stringify(members);
      if (isHash(members.sha256)) object.dataset.report = reportPath(project, report);
    }
    return copy;
  };
  const own = new DOMSerializer(usual.nodes, usual.marks);
  own.serializeFragment = serialize as DOMSerializer["serializeFragment"];
  return own;
}
