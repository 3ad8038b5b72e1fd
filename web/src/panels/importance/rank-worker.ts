/** Ranks parameters in a worker, as it takes up to a second for many runs. */

import type { Parameter } from "@/data/statistics/parameter-values";
import { type ParameterRanks, rankParameters } from "@/data/statistics/parameters";

export interface RankQuestion {
  readonly id: number;
  readonly parameters: readonly Parameter[];
  readonly target: readonly unknown[];
}

export interface RankAnswer {
  readonly id: number;
  readonly ranks: ParameterRanks;
}

self.onmessage = ({ data }: MessageEvent<RankQuestion>) => {
  const answer: RankAnswer = { id: data.id, ranks: rankParameters(data.parameters, data.target) };
  self.postMessage(answer);
};
