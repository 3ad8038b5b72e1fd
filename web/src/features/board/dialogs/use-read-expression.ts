import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { expressionQuery } from "@/api/metrics/expressions";
import type { ProjectRef } from "@/api/types";
import { PAUSE_MILLIS } from "@/panels/line/expression/expression-field";
import { useSettled } from "@/ui/hooks/use-settled";

/**
 * The last expression that the server could read of what is typed: a chart of it stays while more is typed.
 *
 * @param exact as the server takes it; "" for no value
 * @param isWhole whether it may be asked for
 */
export function useReadExpression(project: ProjectRef, exact: string, isWhole: boolean) {
  const settled = useSettled(exact, PAUSE_MILLIS);
  const isAsked = exact !== "" && settled === exact && isWhole;
  const { data: problem } = useQuery({ ...expressionQuery(project, exact), enabled: isAsked });
  const [expression, setExpression] = useState("");
  const next = exact === "" || (isAsked && problem === null) ? exact : expression;
  if (next !== expression) setExpression(next);
  return { expression: next, isRefused: !isWhole || (isAsked && problem != null) };
}
