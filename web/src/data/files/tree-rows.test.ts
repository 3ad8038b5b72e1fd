import { describe, expect, test } from "vitest";
import { type FolderContent, foldersOf, treeRows } from "./tree-rows";

type Folder = FolderContent<{ path: string }>;
const file = (path: string) => ({ path });

const ROOT: Folder = {
  folders: [{ name: "a", n_files: 3, n_bytes: 9 }],
  files: [file("z.txt")],
  cursor: null,
};

const shown = (folders: Map<string, Folder | undefined>, open: string[]) =>
  treeRows(folders, new Set(open)).map(({ id, depth }) => `${depth} ${id}`);

describe("treeRows", () => {
  test("a closed folder is one row, before the files", () => {
    expect(shown(new Map([["", ROOT]]), [])).toEqual(["0 folder a", "0 file z.txt"]);
  });
  test("an open folder has its files below it, once they are known", () => {
    const inner: Folder = { folders: [], files: [file("a/b.txt")], cursor: "more" };
    expect(shown(new Map([["", ROOT]]), ["a"])).toEqual(["0 folder a", "1 late a", "0 file z.txt"]);
    const folders = new Map<string, Folder | undefined>([
      ["", ROOT],
      ["a", inner],
    ]);
    expect(shown(folders, ["a", "gone"])).toEqual([
      "0 folder a",
      "1 file a/b.txt",
      "1 more a",
      "0 file z.txt",
    ]);
  });
  test("folders that weft fills come after all files, those of the same name further in do not", () => {
    const root = { ...ROOT, folders: ["artifacts", "a"].map((name) => ({ name, n_files: 1, n_bytes: 1 })) };
    const inner = {
      ...ROOT,
      folders: [{ name: "artifacts", n_files: 1, n_bytes: 1 }],
      files: [file("a/b.txt")],
    };
    const folders = new Map<string, Folder | undefined>([
      ["", root],
      ["a", inner],
    ]);
    expect(treeRows(folders, new Set(["a"]), ["artifacts"]).map(({ id }) => id)).toEqual([
      "folder a",
      "folder a/artifacts",
      "file a/b.txt",
      "file z.txt",
      "folder artifacts",
    ]);
  });
});

test("foldersOf names each folder around a path", () => {
  expect(foldersOf("a/b/c")).toEqual(["a", "a/b"]);
  expect(foldersOf("c")).toEqual([]);
});
