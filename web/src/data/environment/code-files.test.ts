import { expect, test } from "vitest";
import { codeFiles } from "./code-files";

const file = (path: string, sha256: string) => ({ path, sha256 });
const brief = (files: ReturnType<typeof codeFiles>) => files.map(({ name, change }) => `${name} ${change}`);

test("files of two runs are same, changed, new or gone", () => {
  const own = [file("code/b.py", "1"), file("code/a/x.py", "2"), file("code/new.py", "3")];
  const other = [file("code/b.py", "1"), file("code/a/x.py", "9"), file("code/old.py", "3")];
  expect(brief(codeFiles(own, other))).toEqual(["a/x.py changed", "b.py same", "new.py new", "old.py gone"]);
  expect(brief(codeFiles(own, []))).toEqual(["a/x.py new", "b.py new", "new.py new"]);
});

test("without another run nothing has changed", () => {
  expect(brief(codeFiles([file("code/b.py", "1")], null))).toEqual(["b.py same"]);
});
