/**
 * The parameters in which a project's runs differ: what panels begin with.
 */

import { useQuery } from "@tanstack/react-query";
import { type Column, parametersQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";

const RATE = /(^|[._])(lr|learning_rate|base_lr|max_lr)$/;

/** Parameters of which the samples differ; the learning rate first, as people look for it first. Null: on its way. */
export function useVariedParameters(project: ProjectRef, isOn: boolean): readonly string[] | null {
  const { data } = useQuery({ ...parametersQuery(project), enabled: isOn });
  return data ? variedParameters(data) : null;
}

export function variedParameters(columns: readonly Column[]): string[] {
  const varied = columns.filter(({ kinds, samples }) => {
    const counts = kinds as Record<string, number>;
    const isPlain = ["number", "text", "bool"].some((kind) => (counts[kind] ?? 0) > 0);
    return isPlain && new Set(samples.map((sample) => JSON.stringify(sample))).size > 1;
  });
  const names = varied.map(({ column }) => column);
  return [...names.filter((name) => RATE.test(name)), ...names.filter((name) => !RATE.test(name))];
}
