/** The folders and files of a run as the rows of a tree of which only what is open is known. Pure. */

import { baseName } from "@/data/files/base-name";
export interface FolderContent<File> {
  readonly folders: readonly { readonly name: string; readonly n_files: number; readonly n_bytes: number }[];
  readonly files: readonly File[];
  /** Null: these are all of its files. */
  readonly cursor: string | null;
}

interface RowBase {
  /** Tells rows apart. */
  readonly id: string;
  readonly depth: number;
  /** The folder that it is in; '' is the outermost. */
  readonly parent: string;
}

interface FolderRow extends RowBase {
  readonly is: "folder";
  readonly path: string;
  readonly name: string;
  readonly nFiles: number;
  readonly nBytes: number;
  readonly isOpen: boolean;
}

interface FileRow<File> extends RowBase {
  readonly is: "file";
  readonly file: File;
  readonly name: string;
}

/** A folder is still asked for. */
interface LateRow extends RowBase {
  readonly is: "late";
}

/** A folder has more files than were asked for. */
interface MoreRow extends RowBase {
  readonly is: "more";
}

export type TreeRow<File> = FolderRow | FileRow<File> | LateRow | MoreRow;

/**
 * The rows of the tree, each folder before the files next to it.
 *
 * @param folders by path; undefined while it is asked for
 * @param open paths of folders
 * @param last outermost folders that come after all files
 */
export function treeRows<File extends { readonly path: string }>(
  folders: ReadonlyMap<string, FolderContent<File> | undefined>,
  open: ReadonlySet<string>,
  last: readonly string[] = [],
): TreeRow<File>[] {
  const rows: TreeRow<File>[] = [];
  const addFolders = (parent: string, depth: number, list: FolderContent<File>["folders"]) => {
    for (const { name, n_files, n_bytes } of list) {
      const path = parent === "" ? name : `${parent}/${name}`;
      const isOpen = open.has(path);
      const row = { path, name, nFiles: n_files, nBytes: n_bytes, isOpen };
      rows.push({ is: "folder", id: `folder ${path}`, depth, parent, ...row });
      if (isOpen) add(path, depth + 1);
    }
  };
  const add = (parent: string, depth: number) => {
    const folder = folders.get(parent);
    if (!folder) {
      rows.push({ is: "late", id: `late ${parent}`, depth, parent });
      return;
    }
    const isLast = ({ name }: { readonly name: string }) => parent === "" && last.includes(name);
    addFolders(
      parent,
      depth,
      folder.folders.filter((entry) => !isLast(entry)),
    );
    for (const file of folder.files) {
      const name = baseName(file.path);
      rows.push({ is: "file", id: `file ${file.path}`, depth, parent, file, name });
    }
    if (folder.cursor !== null) rows.push({ is: "more", id: `more ${parent}`, depth, parent });
    addFolders(parent, depth, folder.folders.filter(isLast));
  };
  add("", 0);
  return rows;
}

/** The folders that a path is in, from the outermost: of `a/b/c` these are `a` and `a/b`. */
export function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, i) => parts.slice(0, i + 1).join("/"));
}
