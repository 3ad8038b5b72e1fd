/** A value of the run that leads to all runs of the project that have it. */

import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { filterText } from "@/data/filter/tree";
import { useShownRun } from "./shown-run";

interface RunsWithProps {
  readonly column: string;
  readonly value: string;
  readonly children?: ReactNode;
}

export function RunsWith({ column, value, children = value }: RunsWithProps) {
  const { project } = useShownRun();
  return (
    <Link
      to="/$entity/$project/runs"
      params={project}
      search={{ only: filterText({ column, op: "=", value }) }}
      className="plain"
      title={`All runs with ${value}`}
    >
      {children}
    </Link>
  );
}
