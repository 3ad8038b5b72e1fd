/** The layout of a media panel: in its menu, and in the toolbar of full screen. */

import { SegmentedControl } from "@/ui/controls/segmented-control";
import { MenuItem } from "@/ui/overlays/menu";
import type { PanelProps } from "../panel-props";
import { type MediaOptions, mediaOptions } from "./options";

type Layout = MediaOptions["layout"];

const LAYOUTS: readonly { readonly value: Layout; readonly label: string }[] = [
  { value: "gallery", label: "Gallery" },
  { value: "grid", label: "Grid" },
];

function setLayout({ panel, onChange }: PanelProps, layout: Layout) {
  onChange(panel.id, { options: { ...panel.options, layout } });
}

export function LayoutEntry({ of }: { of: PanelProps }) {
  const isGrid = mediaOptions(of.panel).layout === "grid";
  return (
    <MenuItem icon={isGrid ? "image" : "table"} onChoose={() => setLayout(of, isGrid ? "gallery" : "grid")}>
      {isGrid ? "Show one step" : "Show runs × steps"}
    </MenuItem>
  );
}

export function LayoutTools({ of }: { of: PanelProps }) {
  return (
    <SegmentedControl
      label="Layout"
      value={mediaOptions(of.panel).layout}
      options={LAYOUTS}
      onChange={(layout) => setLayout(of, layout)}
    />
  );
}
