import { getSchema } from "@tiptap/core";
import { EditorState } from "@tiptap/pm/state";
import { expect, test } from "vitest";
import { prosemirrorToYXmlFragment, yXmlFragmentToProseMirrorRootNode } from "y-prosemirror";
import * as Y from "yjs";
import { Fill, filled } from "./fill";
import { canEdit, hasKnownTop, SCHEMA_EXTENSIONS, textOf } from "./schema";

const schema = getSchema([...SCHEMA_EXTENSIONS, Fill]);

/** The allow list of the server, `services/reports/nodes.py`. */
const NODES =
  "paragraph heading bulletList orderedList taskList listItem taskItem blockquote callout codeBlock table tableRow " +
  "tableCell tableHeader details detailsSummary detailsContent columns column horizontalRule hardBreak block inline";
const MARKS = "bold italic underline strike code highlight superscript subscript link span";

test("the schema has the nodes and marks that a server takes, and no others", () => {
  const own = Object.keys(schema.nodes).filter((name) => name !== "doc" && name !== "text");
  expect(own.sort()).toEqual(NODES.split(" ").sort());
  expect(Object.keys(schema.marks).sort()).toEqual(MARKS.split(" ").sort());
});

function element(name: string, attributes: object = {}, ...children: (Y.XmlElement | Y.XmlText)[]) {
  const node = new Y.XmlElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.insert(0, children);
  return node;
}

function written(text: string, marks: object = {}) {
  const node = new Y.XmlText();
  node.insert(0, text, marks);
  return node;
}

function docOf(...children: Y.XmlElement[]): Y.Doc {
  const doc = new Y.Doc();
  textOf(doc).insert(0, children);
  return doc;
}

test("a document comes back as it was, with what weft does not know", () => {
  const doc = docOf(
    element(
      "paragraph",
      { id: "p", extra: { foreign: { a: [1] } } },
      written("x", { bold: {}, code: {}, span: { data: { ref: 1 } } }),
    ),
    element("heading", { id: "h", level: 2 }, written("y", { link: { href: "/a" } })),
    element(
      "table",
      { id: "t" },
      element("tableRow", {}, element("tableCell", { colspan: 1, rowspan: 1, colwidth: [80] })),
    ),
    element("bulletList", { id: "l" }, element("listItem", {}, element("bulletList", {}))),
    element("blockquote", { id: "q" }),
    element("callout", { id: "c", tone: "odd" }),
    element("details", { id: "d" }, element("detailsContent"), element("detailsContent")),
    element("columns", { id: "k" }, element("column", { width: 2 })),
    element("block", { id: "b", kind: "hologram" }),
    element("paragraph", {}, element("inline", { kind: "odd", data: { a: { b: 1 } } }), element("hardBreak")),
  );
  expect(canEdit(doc)).toBe(true);
  const before = textOf(doc).toJSON();
  const copy = new Y.Doc();
  prosemirrorToYXmlFragment(yXmlFragmentToProseMirrorRootNode(textOf(doc), schema), textOf(copy));
  // nothing was deleted by reading it
  expect(textOf(doc).toJSON()).toBe(before);
  const plain = (of: Y.Doc) =>
    textOf(of)
      .toArray()
      .map((child) => (child as Y.XmlElement).getAttributes());
  expect(plain(copy)).toEqual(plain(doc));
  expect(((textOf(copy).get(0) as Y.XmlElement).get(0) as Y.XmlText).toDelta()).toEqual([
    { insert: "x", attributes: { bold: {}, code: {}, span: { data: { ref: 1 } } } },
  ]);
});

test("what the editor would delete keeps it from opening, and stays", () => {
  for (const child of [
    element("hologram"),
    element("paragraph", {}, element("heading")),
    element("paragraph", {}, written("x", { odd: {} })),
    element("tableCell"),
  ]) {
    const doc = docOf(element("paragraph", {}, written("known")), child);
    expect(canEdit(doc)).toBe(false);
    expect(textOf(doc).length).toBe(2);
  }
  expect(hasKnownTop(docOf(element("tableCell")))).toBe(false);
  expect(hasKnownTop(docOf(element("paragraph"), element("block", { kind: "grid" })))).toBe(true);
});

test("copies get ids of their own, and what was there keeps its id", () => {
  const old = schema.nodes.block!.create({ id: "a", kind: "card" });
  const before = schema.topNodeType.create(null, [old]);
  const copy = schema.nodes.block!.create({ id: "a", kind: "card" });
  const quote = schema.nodes.blockquote!.create({ id: "q" });
  // the copy stands before the original
  const state = EditorState.create({ doc: schema.topNodeType.create(null, [copy, old, quote]) });
  const copies: string[][] = [];
  const tr = filled(before, state, (...members) => copies.push(members));
  const next = tr!.doc;
  expect(next.child(1).attrs.id).toBe("a");
  const id: string = next.child(0).attrs.id;
  expect(id).toMatch(/^\w{12}$/);
  expect(copies).toEqual([["card", "a", id]]);
  expect(next.child(2).childCount).toBe(1);
  expect(filled(next, EditorState.create({ doc: next }), () => {})).toBeNull();
});
