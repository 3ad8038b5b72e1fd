/** Gives the parts of a report its comments. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import { type Audience, type CommentAnchor, type CommentThread, commentsQuery } from "@/api/reports/comments";
import type { ProjectRef } from "@/api/types";
import { usePageWidth } from "@/ui/hooks/use-phone";
import { useStable } from "@/ui/hooks/use-stable";
import { choiceParameter, textParameter, useSearchState } from "../../search-state";
import { useRights } from "../../use-rights";
import { CommentsContext, type CommentsFrame as Frame } from "./comments-context";

/** Wide enough for a column next to the text. The style sheet has the same number. */
export const COLUMN_PAGE_PX = 1100;

const STATE = {
  comment: textParameter("comment"),
  comments: choiceParameter("comments", ["open", "closed", "all"], null),
};

const NO_THREADS: readonly CommentThread[] = [];

interface CommentsFrameProps {
  readonly project: ProjectRef;
  readonly report: string;
  readonly audience: Audience;
  readonly version: number | null;
  readonly children: ReactNode;
}

export function CommentsFrame({ project, report, audience, version, children }: CommentsFrameProps) {
  const { data: threads = NO_THREADS } = useQuery(commentsQuery(project, report));
  const { mayWrite } = useRights(project);
  const [{ comment, comments }, setState] = useSearchState(STATE);
  const [draft, setDraft] = useState<CommentAnchor | null>(null);
  const isWide = usePageWidth() >= COLUMN_PAGE_PX;
  // an address may name a reply
  const selected = threads.find(({ comments: all }) => all.some(({ id }) => id === comment)) ?? null;
  const hasOpen = threads.some(({ resolved_micros: resolved }) => resolved === null);
  const isOpen =
    draft !== null || selected !== null || (comments === null ? isWide && hasOpen : comments !== "closed");
  const select = useStable((id: string | null) => setState({ comment: id ?? "" }));
  const setOpen = useStable((next: boolean) => {
    setDraft(null);
    setState({ comments: next ? "open" : "closed", comment: "" });
  });
  const showResolved = useStable((areShown: boolean) => setState({ comments: areShown ? "all" : "open" }));
  const begin = useStable((anchor: CommentAnchor | null) => {
    if (anchor) select(null);
    setDraft(anchor);
  });
  const selectedId = selected?.id ?? null;
  const areResolvedShown = comments === "all" || (selected !== null && selected.resolved_micros !== null);
  const frame = useMemo(
    (): Frame => ({
      project,
      report,
      threads,
      mayComment: mayWrite,
      audience,
      version,
      selected: selectedId,
      isOpen,
      areResolvedShown,
      draft,
      select,
      setOpen,
      showResolved,
      begin,
    }),
    [
      project,
      report,
      threads,
      mayWrite,
      audience,
      version,
      selectedId,
      isOpen,
      areResolvedShown,
      draft,
      select,
      setOpen,
      showResolved,
      begin,
    ],
  );
  return <CommentsContext value={frame}>{children}</CommentsContext>;
}
