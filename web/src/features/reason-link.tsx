/**
 * The way from the reason of a run's bad end to the errors in its log. A run may fail without a word: its reason is text.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type MouseEvent, type ReactNode, useState } from "react";
import { logStreamsQuery } from "@/api/files/logs";
import type { ProjectRef } from "@/api/types";
import { isReasonPrinted } from "@/data/runs/reason";

interface ReasonLinkProps {
  readonly project: ProjectRef;
  readonly run: string;
  readonly state: string;
  /** Null: it ended well, or no one knows. */
  readonly reason: string | null;
  readonly className: string;
  readonly title?: string | undefined;
  readonly tabIndex?: number;
  /** Of one run, not of a list: the log is looked up before the pointer comes. */
  readonly isAlone?: boolean;
  /** @param isLinked it leads to the log */
  children(isLinked: boolean): ReactNode;
}

export function ReasonLink(props: ReasonLinkProps) {
  const { project: ref, run, state, reason, className, title, tabIndex, isAlone = false, children } = props;
  const [isNear, setNear] = useState(isAlone);
  const client = useQueryClient();
  const navigate = useNavigate();
  const isPrinted = reason !== null && isReasonPrinted(state, reason);
  const query = logStreamsQuery(ref, run);
  const streams = useQuery({ ...query, enabled: isPrinted && isNear }).data;
  if (!isPrinted || streams?.length === 0)
    return (
      <span className={className} title={title}>
        {children(false)}
      </span>
    );
  const params = { entity: ref.entity, project: ref.project, run };
  const toLog = {
    to: "/$entity/$project/runs/$run/logs",
    params,
    search: { level: "error" } as never,
  } as const;
  const onClick = (event: MouseEvent) => {
    if (streams || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    // a finger comes with its click
    void client.fetchQuery(query).then(
      (answer) => navigate(answer.length > 0 ? toLog : { to: "/$entity/$project/runs/$run", params }),
      () => navigate(toLog),
    );
  };
  return (
    <Link
      {...toLog}
      className={className}
      title={title}
      tabIndex={tabIndex}
      onPointerEnter={() => setNear(true)}
      onFocus={() => setNear(true)}
      onClick={onClick}
    >
      {children(true)}
    </Link>
  );
}
