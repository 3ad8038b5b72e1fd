/** The code of a run file by file, alone or next to the code of another run. Pure. */

/** Where scripts, cells and what `log_code` found are among a run's files. */
export const CODE_FOLDER = "code/";

export type CodeChange = "same" | "changed" | "new" | "gone";

export interface CodeFile<File> {
  /** Without the folder that all code is in. */
  readonly name: string;
  readonly change: CodeChange;
  /** Null: only the other run has it. */
  readonly own: File | null;
  readonly other: File | null;
}

interface Hashed {
  readonly path: string;
  readonly sha256: string;
}

/** All files of code by name. @param other null: there is no other run, and nothing has changed */
export function codeFiles<File extends Hashed>(
  own: readonly File[],
  other: readonly File[] | null,
): CodeFile<File>[] {
  const before = new Map((other ?? []).map((file) => [file.path, file]));
  const after = new Set(own.map(({ path }) => path));
  const files = own.map((file): CodeFile<File> => {
    const old = before.get(file.path) ?? null;
    return { name: codeName(file.path), change: other ? changeOf(file, old) : "same", own: file, other: old };
  });
  const gone = (other ?? [])
    .filter(({ path }) => !after.has(path))
    .map((file): CodeFile<File> => ({ name: codeName(file.path), change: "gone", own: null, other: file }));
  return [...files, ...gone].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The name of a file of code without the folder that all are in. */
export function codeName(path: string): string {
  return path.startsWith(CODE_FOLDER) ? path.slice(CODE_FOLDER.length) : path;
}

function changeOf(file: Hashed, old: Hashed | null): CodeChange {
  if (!old) return "new";
  return old.sha256 === file.sha256 ? "same" : "changed";
}
