/** Takes the place of the worker that ranks parameters: a file from the disk may start none. */

import { useEffect, useState } from "react";
import type { Parameter } from "@/data/statistics/parameter-values";
import { type ParameterRanks, rankParameters } from "@/data/statistics/parameters";

/** Other charts of the page are drawn before it begins. */
const LATER_MILLIS = 250;

export function useRanks(
  parameters: readonly Parameter[] | null,
  target: readonly unknown[],
  of: string | null,
): ParameterRanks | null {
  const [ranked, setRanked] = useState<{ readonly of: string | null; readonly ranks: ParameterRanks } | null>(
    null,
  );
  useEffect(() => {
    if (!parameters) return;
    const rank = () => setRanked({ of, ranks: rankParameters(parameters, target) });
    const timer = setTimeout(rank, LATER_MILLIS);
    return () => clearTimeout(timer);
  }, [parameters, target, of]);
  return ranked?.of === of ? ranked.ranks : null;
}
