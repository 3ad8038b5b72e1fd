import type { ProjectRef } from "@/api/types";
import { conjuncts, filterText, groupCondition } from "@/data/filter/tree";
import { groupName } from "@/data/runs/group-name";
import { withGroup } from "@/data/runs/shown-runs";
import { formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { MenuItem, MenuLabel, MenuLine, PointMenu } from "@/ui/overlays/menu";
import { selectGroup } from "../../runs/actions/run-selection";
import { useFilterParts } from "../../runs/filter/use-filter";
import type { Runs } from "../../runs/use-runs";
import { useSetView } from "../../view/view-store";
import type { GroupAnchor } from "./group-anchor";

interface GroupRowMenuProps {
  readonly project: ProjectRef;
  readonly runs: Runs;
  readonly anchor: GroupAnchor | null;
  /** At the group's curve, not in the list. */
  readonly isAtCurve?: boolean;
  /** At a curve: sets how it looks in its panel. */
  readonly onStyle?: (() => void) | undefined;
  onClose(): void;
}

export default function GroupRowMenu(props: GroupRowMenuProps) {
  const { project, runs, anchor, isAtCurve = false, onStyle, onClose } = props;
  const setView = useSetView();
  const { add } = useFilterParts();
  const group = anchor?.group;
  const { by } = runs.request;
  const nRuns = group?.nRuns ?? null;
  const hide = (values: readonly unknown[]) => {
    const outermost = groupId(values.slice(0, 1));
    const index = runs.groups.findIndex((group) => groupId(group.values) === outermost);
    setView((view) => withGroup(view, values, index < 0 ? Number.POSITIVE_INFINITY : index, false));
  };
  const condition = group && groupCondition(by, group.values);
  return (
    <PointMenu label="Group menu" anchor={anchor} onClose={onClose}>
      {group && (
        <>
          {isAtCurve && <MenuLabel className="menu-of">{groupName(group.values)}</MenuLabel>}
          <MenuItem
            icon="eye"
            onChoose={() =>
              setView({
                selection: { base: "none", on: [], off: [] },
                hiddenGroups: [],
                shownGroups: [groupId(group.values)],
              })
            }
          >
            Show only this group
          </MenuItem>
          {isAtCurve && (
            <MenuItem icon="eyeoff" onChoose={() => hide(group.values)}>
              Hide
            </MenuItem>
          )}
          {onStyle && (
            <MenuItem icon="edit" onChoose={onStyle}>
              Style in this panel
            </MenuItem>
          )}
          {nRuns !== null && (
            <MenuItem icon="check" onChoose={() => void selectGroup(project, runs, group.values, true)}>
              Select its {formatNoun(nRuns, "run")}
            </MenuItem>
          )}
          {condition && (
            <>
              <MenuLine />
              <MenuItem icon="filter" onChoose={() => add(...conjuncts(condition))}>
                Filter by {groupName(group.values)}
              </MenuItem>
              <MenuItem
                icon="filter"
                title={filterText({ not: condition })}
                onChoose={() => add({ not: condition })}
              >
                Leave {groupName(group.values)} out
              </MenuItem>
            </>
          )}
          {!isAtCurve && (
            <>
              <MenuLine />
              <MenuItem
                icon="group"
                onChoose={() =>
                  setView({ openGroups: runs.groups.slice(0, 50).map((group) => groupId(group.values)) })
                }
              >
                Open all groups
              </MenuItem>
              <MenuItem icon="minus" onChoose={() => setView({ openGroups: [] })}>
                Close all groups
              </MenuItem>
            </>
          )}
        </>
      )}
    </PointMenu>
  );
}
