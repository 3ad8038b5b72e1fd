/** Comments on a report, by thread, and what one does with them. */

import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { jsonBody, readJson, request, requestJson } from "../client";
import type { ProjectRef, Schemas } from "../types";
import { commentsKey } from "./comments-key";
import { reportPath } from "./reports";

export type CommentThread = Schemas["CommentThread"];
export type Comment = Schemas["Comment"];
export type CommentAnchor = Schemas["CommentAnchor"];
export type Audience = "editors" | "readers";

function commentPath(ref: ProjectRef, report: string, ...rest: readonly string[]): string {
  return [reportPath(ref, report), "comments", ...rest.map(encodeURIComponent)].join("/");
}

export function commentsQuery(ref: ProjectRef, report: string) {
  return queryOptions({
    queryKey: commentsKey(ref, report),
    queryFn: readJson<Schemas["CommentThreadList"]>(commentPath(ref, report)),
    select: (list) => list.threads,
  });
}

export interface ReportComments {
  /** @param version that it is written next to; null: the draft */
  addThread(
    body: string,
    anchor: CommentAnchor,
    audience: Audience,
    version: number | null,
  ): Promise<CommentThread>;
  addReply(thread: string, body: string): Promise<void>;
  edit(comment: string, body: string): Promise<void>;
  remove(comment: string): Promise<void>;
  /** Opens a thread again, or notes that it is settled. */
  setResolved(thread: string, isResolved: boolean): Promise<void>;
}

/** Changes of the comments on a report; each is on the page when its promise is fulfilled. */
export function commentsOf(client: QueryClient, ref: ProjectRef, report: string): ReportComments {
  const refresh = () => client.invalidateQueries({ queryKey: commentsKey(ref, report) });
  const text = (method: "POST" | "PATCH", body: string) => jsonBody<"CommentText">(method, { body });
  return {
    addThread: async (body, anchor, audience, version) => {
      const thread = await requestJson<CommentThread>(
        commentPath(ref, report),
        jsonBody<"NewThread">("POST", { body, anchor, audience, version }),
      );
      await refresh();
      return thread;
    },
    addReply: async (thread, body) => {
      await request(commentPath(ref, report, thread, "replies"), text("POST", body));
      await refresh();
    },
    edit: async (comment, body) => {
      await request(commentPath(ref, report, comment), text("PATCH", body));
      await refresh();
    },
    remove: async (comment) => {
      await request(commentPath(ref, report, comment), { method: "DELETE" });
      await refresh();
    },
    setResolved: async (thread, isResolved) => {
      const verb = isResolved ? "resolve" : "reopen";
      await request(commentPath(ref, report, thread, verb), { method: "POST" });
      await refresh();
    },
  };
}
