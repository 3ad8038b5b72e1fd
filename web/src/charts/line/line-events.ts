import type { Range } from "../axis/scale";
import type { BuiltLine } from "./built-line";
import type { BuiltChart } from "./line-build";

/** Events of a chart for its panel, and whether it sets the tooltip. */
export interface LineEvents {
  /** Panel whose tooltip can be pinned here, by id; empty: none. */
  readonly panel: string;
  /** False where the panel itself tells the values under the crosshair. */
  readonly hasTip: boolean;
  /** The range of x that was chosen, in the units of x. */
  onZoom(range: Range): void;
  onResetZoom(): void;
  /** The ranges of the chart's own data; null without a point. */
  onOwnRanges(own: BuiltChart["own"]): void;
  /** The most curves in a cell of the density that was drawn; null: curves were drawn. */
  onDensity(most: number | null): void;
  /** A curve was chosen by keyboard; px of the point, of the chart's element. */
  onChoose(curve: BuiltLine, px: number, py: number): void;
}
