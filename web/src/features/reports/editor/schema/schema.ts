/** All nodes and marks of a report's text: those of docs/report-format.md, and no others. */

import { getSchema } from "@tiptap/core";
import type { Node as ProseNode, Schema } from "@tiptap/pm/model";
import * as Y from "yjs";
import { CodeBlock } from "./code";
import { Fill } from "./fill";
import { LISTS } from "./lists";
import { Link, LOOK_MARKS, Span } from "./marks";
import { ObjectBlock, ObjectInline } from "./objects";
import { Column, Columns, Details, DetailsContent, DetailsSummary } from "./sections";
import { TABLES } from "./tables";
import { Callout, Divider, Document, Heading, LineBreak, Paragraph, Quote, Text } from "./text-nodes";

export const SCHEMA_EXTENSIONS = [
  Document,
  Text,
  Paragraph,
  Heading,
  Quote,
  Callout,
  Divider,
  LineBreak,
  CodeBlock,
  ...LISTS,
  ...TABLES,
  Details,
  DetailsSummary,
  DetailsContent,
  Columns,
  Column,
  ObjectBlock,
  ObjectInline,
  Link,
  ...LOOK_MARKS,
  Span,
];

let schema: Schema | null = null;

function schemaOfText(): Schema {
  schema ??= getSchema([...SCHEMA_EXTENSIONS, Fill]);
  return schema;
}

/** The text of a document. */
export function textOf(doc: Y.Doc): Y.XmlFragment {
  return doc.getXmlFragment("text");
}

/** Whether the editor can hold all of a document: it removes what it cannot, for everyone. */
export function canEdit(doc: Y.Doc): boolean {
  try {
    const all = schemaOfText();
    const children = textOf(doc)
      .toArray()
      .flatMap((child) => nodesOf(child, all));
    if (children.length > 0) all.topNodeType.createChecked(null, children);
    return true;
  } catch {
    return false;
  }
}

/** The same of what is at the top alone, where the binding does not look. */
export function hasKnownTop(doc: Y.Doc): boolean {
  const { nodes } = schemaOfText();
  return textOf(doc)
    .toArray()
    .every((child) => child instanceof Y.XmlElement && (nodes[child.nodeName]?.isInGroup("flow") ?? false));
}

/** As the binding of the editor makes them, without changing the document. Throws where it would delete. */
function nodesOf(shared: unknown, all: Schema): readonly ProseNode[] {
  if (shared instanceof Y.XmlElement) {
    const children = shared.toArray().flatMap((child) => nodesOf(child, all));
    return [all.node(shared.nodeName, shared.getAttributes(), children)];
  }
  if (!(shared instanceof Y.XmlText)) throw new Error("neither a node nor text");
  return (shared.toDelta() as { insert: string; attributes?: Record<string, object> }[]).map(
    ({ insert, attributes = {} }) =>
      all.text(
        insert,
        Object.entries(attributes).map(([name, attrs]) => all.mark(name, attrs)),
      ),
  );
}
