import { expect, test } from "vitest";
import { headingsOf, readContents, searchSections, sectionsOf } from "./documents";

const CONTENTS = `# Documents

## Start

- [The client](guide/client.md): install weft
- [HTTP API](http-api.md): requests and answers

## Reference

- [Settings](reference/settings.md): all of them
`;

const CLIENT = `# The client

Install it with \`pip\`.

## \`log\`

Each call is [one row](#rows).

\`\`\`bash
# not a heading
\`\`\`

## Rows, steps & times

| step | value |
|---|---|
| 1 | 0.5 |

## \`log\`

Again.
`;

test("the list has groups of documents in the order of a reader", () => {
  const groups = readContents(CONTENTS);
  expect(groups.map((group) => [group.title, group.entries.map((entry) => entry.name)])).toEqual([
    ["Start", ["client", "http-api"]],
    ["Reference", ["settings"]],
  ]);
  expect(groups[0]!.entries[1]).toEqual({
    name: "http-api",
    path: "http-api.md",
    title: "HTTP API",
    about: "requests and answers",
  });
});

test("headings have the anchors that GitHub gives them; a # in a code block is no heading", () => {
  expect(headingsOf(CLIENT).map((heading) => [heading.level, heading.text, heading.id])).toEqual([
    [1, "The client", "the-client"],
    [2, "log", "log"],
    [2, "Rows, steps & times", "rows-steps--times"],
    [2, "log", "log-1"],
  ]);
});

test("a search finds sections with all words, those with them in a heading first", () => {
  const [client, api] = readContents(CONTENTS)[0]!.entries;
  const sections = [...sectionsOf(api!, "# HTTP API\n\nA row has steps.\n"), ...sectionsOf(client!, CLIENT)];
  const matches = searchSections(sections, "steps ROW");
  expect(matches.map(({ entry, heading }) => [entry.name, heading?.id])).toEqual([
    ["client", "rows-steps--times"],
    ["http-api", "http-api"],
  ]);
  expect(matches[1]!.excerpt).toBe("A row has steps.");
  expect(matches[1]!.spans).toEqual([
    [2, 5],
    [10, 15],
  ]);
  expect(searchSections(sections, "client pip").map(({ heading }) => heading?.id)).toEqual(["the-client"]);
  expect(searchSections(sections, "nowhere")).toEqual([]);
  expect(searchSections(sections, " ")).toEqual([]);
});
