import { AXES, type AxisKind, BANDS, type Band, CENTERS, hasAxisBy } from "./settings";

/** In running text: `mean, min–max`. */
export const BAND_TITLES: Readonly<Record<Band, string>> = {
  auto: "auto",
  none: "none",
  minmax: "min–max",
  std: "std",
  stderr: "stderr",
  ci95: "95 %",
};

/** The band of a value, in the words of heads and tooltips. */
export function bandWords(band: Band): string {
  return band === "stderr" ? "± standard error" : `± ${BAND_TITLES[band]}`;
}

interface Choice<T> {
  readonly value: T;
  readonly label: string;
}

/** The choices of a field, from the titles of its values. */
function choicesOf<T extends string>(
  values: readonly T[],
  title: (value: T) => string,
): readonly Choice<T>[] {
  return values.map((value) => ({ value, label: title(value) }));
}

export function capitalized(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

export const BAND_CHOICES = choicesOf(BANDS, (band) => capitalized(BAND_TITLES[band]));
export const WHISKER_CHOICES = BAND_CHOICES.filter(({ value }) => value !== "auto");
export const CENTER_CHOICES = choicesOf(CENTERS, capitalized);

interface AxisTitles {
  /** In a list of choices. */
  readonly label: string;
  /** The same where there is room for more. */
  readonly hint: string;
  /** In a chart's notes; '' if the chart says it itself. */
  readonly note: string;
}

export const AXIS_TITLES: Readonly<Record<AxisKind, AxisTitles>> = {
  defined: { label: "As defined", hint: "define_metric, else step", note: "" },
  step: { label: "Step", hint: "as logged", note: "by step" },
  time: { label: "Relative time (process)", hint: "without pauses", note: "by process time" },
  time_wall: { label: "Relative time (wall)", hint: "with pauses", note: "by time" },
  wall: { label: "Wall time", hint: "date and hour", note: "by wall time" },
  metric: { label: "A metric", hint: "", note: "" },
  expression: { label: "An expression", hint: "", note: "" },
};

/** Axes in the order in which lists offer them. */
const LISTED_AXES: readonly AxisKind[] = ["defined", ...AXES.filter((axis) => axis !== "defined")];

export const AXIS_CHOICES = choicesOf(LISTED_AXES, (axis) =>
  axis === "defined" ? "As defined, else step" : AXIS_TITLES[axis].label,
);

/** The axes that need no further choice. */
export const PLAIN_AXES = LISTED_AXES.filter((axis) => !hasAxisBy(axis));
