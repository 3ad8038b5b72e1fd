/** A thread of comments: its first one, and all of them with a field for a reply once it is selected. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useMemo, useState } from "react";
import { serverQuery } from "@/api/projects";
import { type Audience, type Comment, type CommentThread, commentsOf } from "@/api/reports/comments";
import { copyText } from "@/ui/browser/copy-text";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { Ago } from "@/ui/text/ago";
import { PersonAvatar } from "../../person";
import { useRights } from "../../use-rights";
import { CommentForm } from "./comment-form";
import { useComments } from "./comments-context";
import type { AnchorState } from "./use-anchored";

const MarkdownText = lazy(() => import("@/ui/text/markdown-text"));

interface ThreadCardProps {
  readonly thread: CommentThread;
  readonly state: AnchorState;
  /** Of the block or panel that it is about. */
  readonly name: string | null;
  readonly isSelected: boolean;
}

/** The fate of the text; `isLater`: it may be of a later version than the one on the page. */
function noteOf(state: AnchorState, isPanel: boolean, isLater: boolean): string | null {
  const subject = isPanel ? "The panel" : "The text";
  if (state === "changed") return isLater ? `${subject} differs here` : `${subject} was changed`;
  if (state === "gone") return isLater ? `${subject} is not here` : `${subject} was removed`;
  return null;
}

export function ThreadCard({ thread, state, name, isSelected }: ThreadCardProps) {
  const frame = useComments();
  const client = useQueryClient();
  const { project, report } = frame ?? NO_REPORT;
  const changes = useMemo(() => commentsOf(client, project, report), [client, project, report]);
  if (!frame) return null;
  const { mayComment, select, setOpen } = frame;
  const { id, anchor, comments, resolved_micros: resolvedMicros, resolved_by: resolvedBy, audience } = thread;
  const isResolved = resolvedMicros !== null;
  const replies = comments.slice(1);
  const shown = isSelected ? comments : comments.slice(0, 1);
  const { version } = thread;
  const isLater = frame.version !== null && (version === null || version > frame.version);
  const note = noteOf(state, Boolean(anchor.panel), isLater);
  const words = quoteOf(thread, name);
  const settle = () =>
    void attempt("The thread was not changed", async () => {
      await changes.setResolved(id, !isResolved);
      if (isResolved) return;
      setOpen(true);
      showDone("Resolved", { label: "Undo", run: () => void changes.setResolved(id, false) });
    });
  return (
    <article
      className={`thread ${isSelected ? "on" : ""} ${isResolved ? "resolved" : ""}`}
      aria-label={`Thread on ${words}`}
    >
      <header>
        <button
          type="button"
          className="thread-quote"
          aria-expanded={isSelected}
          title={isSelected ? "Close this thread" : "Show this thread and its text"}
          onClick={() => select(isSelected ? null : id)}
        >
          <span className="ell">{words}</span>
          {note && <span className="flag wrn">{note}</span>}
          {audience !== frame.audience && (
            <span className="flag neu">{audience === "editors" ? "Editors only" : "Readers see it"}</span>
          )}
        </button>
        {mayComment && (
          <IconButton
            icon={isResolved ? "undo" : "check"}
            label={isResolved ? "Reopen this thread" : "Resolve this thread"}
            isSmall
            onClick={settle}
          />
        )}
      </header>
      {version !== frame.version && (
        <p className="muted thread-version">
          on{" "}
          {mayComment ? (
            <Link
              to="/$entity/$project/reports/$report"
              params={{ ...project, report }}
              search={{ version: version === null ? "draft" : String(version), comment: id } as never}
            >
              {versionName(version)}
            </Link>
          ) : (
            versionName(version)
          )}
        </p>
      )}
      {shown.map((comment) => (
        <CommentView key={comment.id} comment={comment} audience={audience} changes={changes} />
      ))}
      {!isSelected && replies.length > 0 && (
        <button type="button" className="thread-more" onClick={() => select(id)}>
          {replies.length === 1 ? "1 reply" : `${replies.length} replies`}
        </button>
      )}
      {isResolved && (
        <p className="muted thread-end">
          <Icon name="check" isSmall /> Resolved{resolvedBy && ` by ${resolvedBy}`}{" "}
          <Ago micros={resolvedMicros} suffix=" ago" />
        </p>
      )}
      {isSelected && mayComment && (
        <CommentForm
          label="Reply"
          verb="Reply"
          note={audience === "editors" ? "Editors see it" : "Readers see it"}
          onSend={(body) => changes.addReply(id, body)}
        />
      )}
    </article>
  );
}

const NO_REPORT = { project: { entity: "", project: "" }, report: "" };

function versionName(version: number | null): string {
  return version === null ? "the draft" : `version ${version}`;
}

/** The words that a thread is about, or what it is about. */
export function quoteOf(
  { anchor, is_quote_withheld: isWithheld }: Pick<CommentThread, "anchor" | "is_quote_withheld">,
  name: string | null,
): string {
  const { block, panel, exact } = anchor;
  if (exact) return `“${exact}”`;
  if (isWithheld) return "a text of before";
  if (panel) return name ? `the panel ${name}` : "a panel";
  return block ? (name ?? "a block") : "the whole report";
}

interface CommentViewProps {
  readonly comment: Comment;
  readonly audience: Audience;
  readonly changes: ReturnType<typeof commentsOf>;
}

function CommentView({ comment, audience, changes }: CommentViewProps) {
  const { id, author, body, created_micros: created, edited_micros: edited, is_deleted: isDeleted } = comment;
  const [isEdited, setEdited] = useState(false);
  if (isDeleted) return <p className="muted comment">This comment was deleted.</p>;
  return (
    <div className="comment" id={`comment-${id}`}>
      <div className="comment-head">
        {author ? <PersonAvatar user={author} size="sm" /> : <Icon name="user" isSmall />}
        <b className="ell">{author ?? "Someone"}</b>
        <span className="muted">
          <Ago micros={created} suffix=" ago" />
          {edited !== null && ", edited"}
        </span>
        <span className="grow" />
        <CommentMenu comment={comment} audience={audience} changes={changes} onEdit={() => setEdited(true)} />
      </div>
      {isEdited ? (
        <CommentForm
          label="Comment"
          verb="Save"
          text={body}
          isFocused
          onSend={async (next) => {
            await changes.edit(id, next);
            setEdited(false);
          }}
          onCancel={() => setEdited(false)}
        />
      ) : (
        <div className="comment-body" dir="auto">
          <Suspense fallback={<p>{body}</p>}>
            <MarkdownText text={body} />
          </Suspense>
        </div>
      )}
    </div>
  );
}

function CommentMenu({ comment, audience, changes, onEdit }: CommentViewProps & { onEdit(): void }) {
  const frame = useComments();
  const { mayManage } = useRights(frame?.project ?? NO_REPORT.project);
  const account = useQuery({ ...serverQuery, select: (server) => server.account }).data ?? null;
  const { id, author } = comment;
  const isOwn = author === account;
  const link = () => {
    const url = new URL(window.location.href);
    // readers may open no other version than the published one
    const version = audience === "editors" ? url.searchParams.get("version") : null;
    url.search = String(new URLSearchParams({ ...(version && { version }), comment: id }));
    url.hash = "";
    void copyText(url.href, "the link to this comment");
  };
  return (
    <Menu position="bottom-end" target={<IconButton icon="dots" label="Actions of this comment" isSmall />}>
      <MenuItem icon="link" onChoose={link}>
        Copy link
      </MenuItem>
      {frame?.mayComment && isOwn && (
        <MenuItem icon="edit" onChoose={onEdit}>
          Edit
        </MenuItem>
      )}
      {frame?.mayComment && (isOwn || mayManage) && (
        <>
          <MenuLine />
          <MenuItem
            icon="trash"
            isDanger
            onChoose={() => void attempt("The comment was not deleted", () => changes.remove(id))}
          >
            Delete
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
