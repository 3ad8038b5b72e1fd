import type { Goal } from "@/data/table/column-facts";
import { choice, optionsReader } from "../settings/options";

export const BAR_OPTIONS = {
  /** Of all points of the metric. */
  figure: choice("Value", "latest", { latest: "Latest", max: "Max", min: "Min", mean: "Mean" }),
  /** As the runs list, or by the bar's length; `best`: by the metric's goal, else by its name. */
  order: choice("Order", "list", {
    list: "Listed",
    best: "Best",
    falling: "Largest",
    rising: "Smallest",
  }),
  /** Of groups; a run by itself is a bar. */
  look: choice("Groups as", "bar", { bar: "Bars", box: "Boxes", violin: "Violins" }),
};

export const barOptions = optionsReader(BAR_OPTIONS);

export function inOrder<Row extends { readonly value: number }>(
  rows: readonly Row[],
  order: ReturnType<typeof barOptions>["order"],
  direction: Goal,
): readonly Row[] {
  if (order === "list") return rows;
  const isFalling = order === "falling" || (order === "best" && direction === "maximize");
  return rows.toSorted((a, b) => (isFalling ? b.value - a.value : a.value - b.value));
}
