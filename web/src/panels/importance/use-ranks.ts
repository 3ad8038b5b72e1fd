/**
 * Asks a worker how much each parameter matters; the ranks of before stay until the new ones of the same result are there.
 */

import { useEffect, useRef, useState } from "react";
import type { Parameter } from "@/data/statistics/parameter-values";
import type { ParameterRanks } from "@/data/statistics/parameters";
import type { RankAnswer, RankQuestion } from "./rank-worker";

/** Ranking keeps a core busy for up to half a second. Other charts of the page are drawn before it begins. */
const LATER_MILLIS = 250;

/**
 * @param parameters the same array while nothing changes; null: not known yet
 * @param of what the ranks are for
 */
export function useRanks(
  parameters: readonly Parameter[] | null,
  target: readonly unknown[],
  of: string | null,
): ParameterRanks | null {
  const [ranked, setRanked] = useState<{ readonly of: string | null; readonly ranks: ParameterRanks } | null>(
    null,
  );
  const worker = useRef<Worker | null>(null);
  const request = useRef({ id: 0, of });
  useEffect(() => {
    const rankWorker = new Worker(new URL("./rank-worker.ts", import.meta.url), { type: "module" });
    worker.current = rankWorker;
    rankWorker.onmessage = ({ data }: MessageEvent<RankAnswer>) => {
      if (data.id === request.current.id) setRanked({ of: request.current.of, ranks: data.ranks });
    };
    return () => {
      rankWorker.terminate();
      worker.current = null;
    };
  }, []);
  useEffect(() => {
    if (!parameters) return;
    request.current = { id: request.current.id + 1, of };
    const question: RankQuestion = { id: request.current.id, parameters, target };
    const timer = setTimeout(() => worker.current?.postMessage(question), LATER_MILLIS);
    return () => clearTimeout(timer);
  }, [parameters, target, of]);
  return ranked?.of === of ? ranked.ranks : null;
}
