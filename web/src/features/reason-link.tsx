/**
 * The way from the reason of a run's bad end to the errors in its log.
 */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { ProjectRef } from "@/api/types";

interface ReasonLinkProps {
  readonly project: ProjectRef;
  readonly run: string;
  readonly className: string;
  readonly title?: string;
  readonly tabIndex?: number;
  readonly children: ReactNode;
}

export function ReasonLink({ project: { entity, project }, run, children, ...rest }: ReasonLinkProps) {
  return (
    <Link
      to="/$entity/$project/runs/$run/logs"
      params={{ entity, project, run }}
      search={{ level: "error" } as never}
      {...rest}
    >
      {children}
    </Link>
  );
}
