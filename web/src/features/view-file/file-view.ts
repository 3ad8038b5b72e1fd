/** A view as a file: what its page reads, and the bounds of what it has. Pure. */

import { type Board, type BoardSection, listedCount } from "@/data/board/board";
import type { PanelSet } from "@/panels/panel-props";

/** As the server has them: `weft.wire.projects.view_files`. */
const MOST_RUNS = 200;
const MOST_PANELS = 100;

/** The runs as panels of the file draw them. */
export type FileSet = Pick<
  PanelSet,
  "runs" | "runIds" | "nShown" | "groupBy" | "groups" | "groupColors" | "baseline"
> & {
  /** Of the command line: the columns by whose values runs have colors, which the page gives them; none: each has its own. */
  readonly colorBy?: readonly string[];
};

export interface FileView {
  /** As views are stored. */
  readonly document: Readonly<Record<string, unknown>>;
  readonly shown: FileSet;
  /** Numbers of what the view shows, and the file has not. */
  readonly omitted: { readonly runs: number; readonly panels: number };
  /** The place of the file among those of a project; absent of a file alone. */
  readonly folder?: FileFolder;
}

export interface FileFolder {
  /** `project`: the first page, which has no panels. `run`: of one run. */
  readonly kind: "project" | "view" | "run";
  /** Relative address of the first page; null: it is that. */
  readonly home: string | null;
  /** Of the project. */
  readonly description: string;
  readonly links: readonly { readonly kind: string; readonly title: string; readonly href: string }[];
  /** By id: relative addresses of the pages of runs. */
  readonly runs: Readonly<Record<string, string>>;
}

/** The runs of a file, of those that a page draws: the first of the list. */
export function fileSet(set: FileSet): FileSet {
  const { nShown, groupBy, groups, groupColors, baseline } = set;
  const runs = set.runs.slice(0, MOST_RUNS);
  const ids = new Set(runs.map(({ id }) => id));
  return {
    runs,
    runIds: set.runIds.filter((id) => ids.has(id)),
    ...(nShown !== undefined && { nShown }),
    groupBy,
    ...(groups && { groups }),
    ...(groupColors && { groupColors }),
    baseline,
  };
}

/** Those of a set that a reader of the file does not hide. */
export function withoutHidden(set: FileSet, hidden: ReadonlySet<string>): FileSet {
  if (hidden.size === 0) return set;
  return {
    ...set,
    runs: set.runs.filter(({ id }) => !hidden.has(id)),
    runIds: set.runIds.filter((id) => !hidden.has(id)),
  };
}

/** The panels of a file: those of open sections first. */
export function filePanels({ sections }: Board): {
  readonly ids: readonly string[];
  readonly nOmitted: number;
} {
  const isOpen = ({ view, isClosedFirst }: BoardSection) => view.isOpen ?? !isClosedFirst;
  const ordered = [...sections.filter(isOpen), ...sections.filter((section) => !isOpen(section))];
  const ids: string[] = [];
  let n = 0;
  for (const section of ordered) {
    n += listedCount(section);
    if (ids.length < MOST_PANELS) ids.push(...section.ids().slice(0, MOST_PANELS - ids.length));
  }
  return { ids, nOmitted: Math.max(0, n - ids.length) };
}
