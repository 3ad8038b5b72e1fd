/**
 * The menu of a curve, of its legend entry and of its line.
 */

import { useMemo } from "react";
import type { Curve } from "@/charts/line/curve";
import { newStyle } from "@/data/view/settings";
import { useStable } from "@/ui/hooks/use-stable";
import type { PanelProps } from "../panel-props";
import type { OnMenu } from "../plot/legend";
import { ownerOfHighlight } from "./curves/curves";
import { seekStyle } from "./curves/drawn-curves";
import { groupingOf } from "./curves/line-request";

/** Opens and closes the menu of what lights curves; undefined where the page has none for these. */
export function useCurveMenu(props: PanelProps, curves: readonly Curve[]): OnMenu | undefined {
  const { panel, settings, groupBy, onMenu, onChange, onEdit } = props;
  const { styles } = settings;
  const by = groupingOf(settings, groupBy);
  // groups of the panel's own are not those of the list
  const isOfList = by === null || by.join("\n") === groupBy.join("\n");
  // until the answer comes, curves are those of the grouping before
  const kindOf = useStable((owner: string) =>
    curves.some(({ highlightId, columns }) => columns.group && ownerOfHighlight(highlightId) === owner)
      ? "group"
      : "run",
  );
  return useMemo(() => {
    if (!onMenu || !isOfList) return undefined;
    return (menu) => {
      if (!menu) return onMenu(null);
      const { left, top } = menu;
      const owner = ownerOfHighlight(menu.highlightId);
      const onStyle = () => {
        const of = kindOf(owner);
        const isNew = !styles.some((style) => style.of === of && style.id === owner);
        const settings = { ...panel.settings, styles: [...styles, newStyle(of, owner)] };
        if (isNew) onChange(panel.id, { settings });
        seekStyle(of, owner);
        onEdit(panel.id);
      };
      onMenu({ owner, left, top, onStyle });
    };
  }, [onMenu, isOfList, kindOf, panel, styles, onChange, onEdit]);
}
