import { expect, test } from "vitest";
import { contentOfMarkdown } from "./markdown";
import { cellsOf, isMarkdown } from "./texts";

test("signs of Markdown are told from other text", () => {
  for (const text of [
    "# Head",
    "a **bold** word",
    "- one\n- two",
    "- [ ] open",
    "```python\nx\n```",
    "[a](/b)",
  ])
    expect(isMarkdown(text), text).toBe(true);
  for (const text of ["a - b", "#hashtag", "2 * 3 * 4", "x | y", "[1] see there", "5. May"])
    expect(isMarkdown(text), text).toBe(false);
});

test("cells are rows of the same length", () => {
  expect(cellsOf("a\tb\r\n1\t2\r\n")).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(cellsOf("a\tb\n1")).toBeNull();
  expect(cellsOf("\tindented")).toBeNull();
});

test("Markdown becomes blocks, without links that run scripts", () => {
  const images: string[] = [];
  const content = contentOfMarkdown(
    "See [bad](javascript:alert(1)), [good](https://example.org) and *this*.\n\n![A](https://example.org/a.png)\n\n3. three",
    ({ url }) => {
      images.push(url);
      return { type: "block", attrs: { id: "new", kind: "image" } };
    },
  );
  expect(content.map(({ type }) => type)).toEqual(["paragraph", "block", "orderedList"]);
  expect(content[0]?.content).toEqual([
    { type: "text", text: "See " },
    { type: "text", text: "bad" },
    { type: "text", text: ", " },
    { type: "text", text: "good", marks: [{ type: "link", attrs: { href: "https://example.org" } }] },
    { type: "text", text: " and " },
    { type: "text", text: "this", marks: [{ type: "italic" }] },
    { type: "text", text: "." },
  ]);
  expect(content[2]?.attrs).toEqual({ start: 3 });
  expect(images).toEqual(["https://example.org/a.png"]);
});
