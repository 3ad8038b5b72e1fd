/**
 * Options of a panel of text. Pure.
 */

import type { Panel } from "@/data/view/panel";
import { textOption } from "../over-runs/options";

export function markdownText({ options }: Panel): string {
  return textOption(options, "text") ?? "";
}
