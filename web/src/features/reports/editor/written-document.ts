/** The headings of a draft, and the runs that its values and cards name. */

import type { Node as ProseNode } from "@tiptap/pm/model";
import type { Editor } from "@tiptap/react";
import { useEffect, useRef, useState } from "react";
import type { Block, ReportDocument } from "@/data/report/document";
import {
  type OutlineEntry,
  outlineOf,
  panelLevelsOf,
  type References,
  referencesOf,
} from "@/data/report/outline";
import { readReport } from "@/data/report/read";
import { jsonOf, readMembers } from "./members";
import { useSession } from "./session";

interface Written {
  readonly outline: readonly OutlineEntry[];
  readonly references: readonly References[];
  readonly panelLevels: ReadonlyMap<string, number>;
}

const NOTHING: Written = { outline: [], references: [], panelLevels: new Map() };
const REST_MILLIS = 250;

/** Read again when the writer rests. */
export function useWrittenDocument(editor: Editor): Written {
  const { doc } = useSession().sync;
  const [written, setWritten] = useState(NOTHING);
  const before = useRef("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = () => {
      timer = undefined;
      if (editor.isDestroyed) return;
      const json = blocksOf(editor.state.doc, (kind, id) => readMembers(doc, kind, id));
      const text = jsonOf(json);
      if (text === before.current) return;
      before.current = text;
      const document = readReport({ blocks: json });
      setWritten({
        references: referencesOf(document),
        outline: outlineOf(headingsOf(document)),
        panelLevels: panelLevelsOf(document),
      });
    };
    const later = () => {
      timer ??= setTimeout(read, REST_MILLIS);
    };
    read();
    editor.on("update", later);
    doc.on("update", later);
    return () => {
      clearTimeout(timer);
      editor.off("update", later);
      doc.off("update", later);
    };
  }, [editor, doc]);
  return written;
}

function headingsOf({ blocks }: ReportDocument): { readonly blocks: readonly Block[] } {
  return { blocks: blocks.filter(({ kind }) => kind === "heading") };
}

type MembersOf = (kind: string, id: string) => object | null;

/** Headings, cards, texts with values, and the places of grids, as the JSON of a report. */
function blocksOf(root: ProseNode, membersOf: MembersOf): readonly object[] {
  const blocks: object[] = [];
  root.descendants((node) => {
    const { id, kind } = node.attrs as { id?: string | null; kind?: string | null };
    if (node.type.name === "heading")
      blocks.push({
        id,
        kind: "heading",
        level: node.attrs.level,
        text: [{ text: node.textContent }, ...valuesIn(node)],
      });
    else if (node.type.name === "block" && kind === "card" && id)
      blocks.push({ ...membersOf(kind, id), id, kind });
    else if (node.type.name === "block" && kind === "grid" && id) blocks.push({ id, kind });
    else if (node.isTextblock) {
      const text = valuesIn(node);
      if (text.length > 0) blocks.push({ kind: "paragraph", text });
    }
    return !node.isTextblock;
  });
  return blocks;
}

/** The objects of a text, which are few: most texts have no children but their characters. */
function valuesIn(node: ProseNode): readonly object[] {
  const values: object[] = [];
  node.forEach((child) => {
    if (child.type.name === "inline" && child.attrs.kind === "value")
      values.push({ ...(child.attrs.data as object | null), kind: "value" });
  });
  return values;
}
