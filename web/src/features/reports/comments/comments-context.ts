/** The comments of the report on the page, and what its parts do with them. */

import { createContext, useContext } from "react";
import type { Audience, CommentAnchor, CommentThread } from "@/api/reports/comments";
import type { ProjectRef } from "@/api/types";

export interface CommentsFrame {
  readonly project: ProjectRef;
  readonly report: string;
  readonly threads: readonly CommentThread[];
  /** The reader may comment. */
  readonly mayComment: boolean;
  /** Who sees a thread that begins here. */
  readonly audience: Audience;
  /** The version on the page; null: the draft. */
  readonly version: number | null;
  /** The thread that the address names. */
  readonly selected: string | null;
  readonly isOpen: boolean;
  readonly areResolvedShown: boolean;
  /** The part of the report that a comment is being written about. */
  readonly draft: CommentAnchor | null;
  select(thread: string | null): void;
  setOpen(isOpen: boolean): void;
  showResolved(areShown: boolean): void;
  /** Begins a comment; null: none is being written any more. */
  begin(anchor: CommentAnchor | null): void;
}

export const CommentsContext = createContext<CommentsFrame | null>(null);

/** Null: the block is shown outside of a report. */
export function useComments(): CommentsFrame | null {
  return useContext(CommentsContext);
}
