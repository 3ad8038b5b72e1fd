import type { Panel } from "@/data/view/panel";
import { text } from "../settings/options";

export function markdownText({ options }: Panel): string {
  return text.read(options.text) ?? "";
}
