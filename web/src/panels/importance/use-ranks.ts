/**
 * Asks a worker how much each parameter matters; the ranks of before stay until the new ones are there.
 */

import { useEffect, useRef, useState } from "react";
import type { Parameter, ParameterRanks } from "@/data/statistics/parameters";
import type { RankAnswer, RankQuestion } from "./rank-worker";

/** @param parameters the same array while nothing changes; null: not known yet */
export function useRanks(
  parameters: readonly Parameter[] | null,
  target: readonly unknown[],
): ParameterRanks | null {
  const [ranks, setRanks] = useState<ParameterRanks | null>(null);
  const worker = useRef<Worker | null>(null);
  const asked = useRef(0);
  useEffect(() => {
    const made = new Worker(new URL("./rank-worker.ts", import.meta.url), { type: "module" });
    worker.current = made;
    made.onmessage = ({ data }: MessageEvent<RankAnswer>) => {
      if (data.id === asked.current) setRanks(data.ranks);
    };
    return () => {
      made.terminate();
      worker.current = null;
    };
  }, []);
  useEffect(() => {
    if (!parameters) return;
    asked.current += 1;
    const question: RankQuestion = { id: asked.current, parameters, target };
    worker.current?.postMessage(question);
  }, [parameters, target]);
  return ranks;
}
