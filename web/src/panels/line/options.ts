import { choice, optionsReader } from "../settings/options";

export const LINE_OPTIONS = {
  /** Of a metric's own panel, as long as no run has a second point. */
  single: choice("Single values", "bars", { bars: "Bars", points: "Points" }),
};

export const lineOptions = optionsReader(LINE_OPTIONS);
