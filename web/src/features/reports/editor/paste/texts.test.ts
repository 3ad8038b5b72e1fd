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
    "$$\nx^2\n$$",
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

test("signs that Markdown has no block for are read where they are meant", () => {
  const kinds: string[] = [];
  const read = (text: string) =>
    contentOfMarkdown(text, (kind, members) => {
      kinds.push(kind);
      return { type: "block", attrs: { kind, ...members } };
    });
  const [callout, quote, section, price, formula] = read(
    [
      "> [!WARNING]\n> Mind",
      "> \\[!WARNING\\]\n> Mind",
      "<details open>\n<summary>**More**</summary>\n\ninside\n\n</details>",
      "$5 and $6, <u>lined</u> and <b> alone",
      "$x$ of it",
    ].join("\n\n"),
  );
  expect(callout).toMatchObject({ type: "callout", attrs: { tone: "warning" } });
  expect(callout?.content).toEqual([{ type: "paragraph", content: [{ type: "text", text: "Mind" }] }]);
  expect(quote?.type).toBe("blockquote");
  expect(section).toMatchObject({
    type: "details",
    attrs: { open: true },
    content: [
      { type: "detailsSummary", content: [{ text: "More", marks: [{ type: "bold" }] }] },
      { type: "detailsContent", content: [{ type: "paragraph" }] },
    ],
  });
  const texts = price?.content?.map(({ text }) => text).join("");
  expect(texts).toBe("$5 and $6, lined and <b> alone");
  expect(price?.content?.find(({ text }) => text === "lined")?.marks).toEqual([{ type: "underline" }]);
  expect(formula?.content?.[0]).toEqual({
    type: "inline",
    attrs: { kind: "math", data: { latex: "x" } },
  });
  expect(read("![A](/a.png)\\\n*Loss*")).toEqual([
    { type: "block", attrs: { kind: "image", url: "/a.png", alt: "A", caption: "Loss" } },
  ]);
  expect(kinds).toEqual(["image"]);
});

test("Markdown becomes blocks, without links that run scripts", () => {
  const images: string[] = [];
  const content = contentOfMarkdown(
    "See [bad](javascript:alert(1)), [good](https://example.org) and *this*.\n\n![A](https://example.org/a.png)\n\n3. three",
    (_, { url }) => {
      images.push(String(url));
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
