import { choice, optionsReader } from "../settings/options";

export const LATEST_OPTIONS = {
  rows: choice("Rows", "runs", { runs: "Runs", metrics: "Metrics" }),
};

export const latestOptions = optionsReader(LATEST_OPTIONS);
