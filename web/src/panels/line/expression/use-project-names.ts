/**
 * The names of metrics of a project, or of numbers in its configs: for quotes that can be left out, and for names
 * that are misspelt.
 */

import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import { type Column, MOST_PARAMETERS, parametersQuery } from "@/api/runs/columns";
import type { ProjectRef } from "@/api/types";
import type { ConfigPath, NamedMetric } from "@/data/expression/completion";

/** Projects with more metrics are asked name by name. */
const ALL_LIMIT = 5000;
const ONE_LIMIT = 20;

export interface ProjectNames {
  readonly isLoaded: boolean;
  readonly metrics: readonly NamedMetric[];
  readonly names: readonly string[];
  /** Whether there is such a metric. */
  has(name: string): boolean;
  /** Numbers of configs. */
  readonly config: readonly ConfigPath[];
  /** Whether a config may have a number at the path: of very many not all are known. */
  mayHaveConfig(path: string): boolean;
}

const WORD = /"(?:[^"\\]|\\.)*"|[\p{L}_][^\s"*+\-%(),]*/gsu;

/** @param texts whose words have to be known even in a project with very many metrics */
export function useProjectNames(project: ProjectRef, texts: readonly string[]): ProjectNames {
  const all = useQuery(metricSearchQuery(project, "", false, ALL_LIMIT));
  const isCut = (all.data?.length ?? 0) >= ALL_LIMIT;
  const words = isCut ? [...new Set(texts.flatMap(wordsIn))].slice(0, ONE_LIMIT) : [];
  const searched = useQueries({
    queries: words.map((word) => metricSearchQuery(project, word, false, ONE_LIMIT)),
    combine: (answers) => ({
      metrics: answers.flatMap((answer) => answer.data ?? []),
      // the answer to a word before it says nothing of this one
      isLoaded: answers.every((answer) => answer.isError || (answer.isSuccess && !answer.isPlaceholderData)),
    }),
  });
  const parameters = useQuery(parametersQuery(project)).data;
  return useMemo(() => {
    const config = parameters?.flatMap(numberOf) ?? [];
    const paths = new Set(config.map(({ path }) => path));
    const areAllKnown = parameters !== undefined && parameters.length < MOST_PARAMETERS;
    const metrics = [...(all.data ?? []), ...searched.metrics].map(({ key, n_runs, kinds }) => ({
      key,
      nRuns: n_runs,
      isDrawable: kinds.some((kind) => kind !== "object"),
    }));
    const names = new Set(metrics.map((metric) => metric.key));
    return {
      isLoaded: all.data !== undefined && searched.isLoaded,
      metrics,
      names: [...names],
      has: (name: string) => names.has(name),
      config,
      mayHaveConfig: (path: string) => !areAllKnown || paths.has(path),
    };
  }, [all.data, searched, parameters]);
}

function numberOf({ column, kinds }: Column): ConfigPath[] {
  const { number = 0, bool = 0 } = kinds as Readonly<Record<string, number>>;
  return number + bool > 0 ? [{ path: column.slice("config.".length), nRuns: number + bool }] : [];
}

/** The words of a text, and the parts that slashes cut them into. */
function wordsIn(text: string): string[] {
  return [...text.matchAll(WORD)].flatMap(([word]) => {
    const bare = word.replace(/^"|"$/g, "");
    return [bare, ...bare.split("/")];
  });
}
