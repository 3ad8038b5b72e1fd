import { useMemo, useState } from "react";
import type { Sweep } from "@/api/sweeps/sweeps";
import type { ParameterRanks } from "@/data/statistics/parameters";
import { ordered } from "./parameters";

interface OrderSnapshot {
  readonly metric: number;
  readonly order: readonly string[];
  readonly nRuns: number;
}

/** While a sweep goes on, charts would change places under the pointer: a new order needs twice as many runs. */
const GROWTH = 2;

/** The parameters of a sweep for a metric, the most important first, and what takes a new ranking for it. */
export function useParameterOrder({ parameters }: Sweep, metric: number) {
  const [snapshot, setSnapshot] = useState<OrderSnapshot>({ metric, order: [], nRuns: 0 });
  const takeRanks = ({ ranks, nRuns }: ParameterRanks) =>
    setSnapshot((before) =>
      ranks.length === 0 || (metric === before.metric && nRuns < before.nRuns * GROWTH)
        ? before
        : { metric, order: ranks.map(({ column }) => column.replace(/^config\./, "")), nRuns },
    );
  const key = JSON.stringify(parameters);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` has the list, which is another with every answer
  const order = useMemo(() => ordered(parameters, snapshot.order), [key, snapshot.order]);
  return { order, takeRanks };
}
