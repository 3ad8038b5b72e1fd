import { expect, test } from "vitest";
import { readCode, readPatch } from "./source-lines";

const PATCH = `diff --git a/train it.py b/train it.py
index 1..2 100644
--- a/train it.py
+++ b/train it.py
@@ -3,3 +3,3 @@ def main():
 keep
--- old
+++ new
 end
\\ No newline at end of file
diff --git a/x.png b/x.png
Binary files a/x.png and b/x.png differ
diff --git a/old.py b/new.py
similarity index 100%
`;

test("a patch is its files and its lines, also where a removed line looks like a head", () => {
  const { lines, files } = readPatch(PATCH);
  expect(files).toEqual([
    { path: "train it.py", at: 0, nAdded: 1, nRemoved: 1 },
    { path: "x.png", at: 10, nAdded: 0, nRemoved: 0 },
    { path: "new.py", at: 12, nAdded: 0, nRemoved: 0 },
  ]);
  expect(lines.slice(4, 9).map(({ kind, number }) => [kind, number])).toEqual([
    ["hunk", null],
    ["plain", 3],
    ["removed", null],
    ["added", 4],
    ["plain", 5],
  ]);
  expect(lines[11]).toMatchObject({ kind: "head", text: "Binary files a/x.png and b/x.png differ" });
});

test("a notebook is shown as its cells, and a malformed one as its text", () => {
  const cells = [
    { cell_type: "code", execution_count: 2, source: "a = 1\nb = 2" },
    { cell_type: "markdown", source: ["# Title\n", "text"] },
  ];
  expect(readCode("x.ipynb", JSON.stringify({ cells })).map(({ text, number }) => [text, number])).toEqual([
    ["In [2]", null],
    ["a = 1", 1],
    ["b = 2", 2],
    ["Text", null],
    ["# Title", 1],
    ["text", 2],
  ]);
  expect(readCode("x.ipynb", "{")).toEqual([{ text: "{", kind: "plain", number: 1 }]);
  expect(readCode("x.ipynb", "null")).toHaveLength(1);
  expect(readCode("a.py", `${"x".repeat(9999)}\n`)[0]!.text).toHaveLength(2001);
});
