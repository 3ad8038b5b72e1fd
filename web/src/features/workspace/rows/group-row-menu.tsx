/**
 * The menu of a group in the runs list: one for all groups.
 */

import { Menu } from "@mantine/core";
import type { RunGroup } from "@/api/runs/groups";
import type { ProjectRef } from "@/api/types";
import { conjuncts, filterText, groupCondition } from "@/data/filter/tree";
import { groupName } from "@/data/runs/group-name";
import { withGroup } from "@/data/runs/shown-runs";
import { formatNoun } from "@/data/text/format";
import { groupId } from "@/data/view/view";
import { Icon } from "@/ui/signs/icons";
import { placed } from "../../runs/actions/run-menu";
import { selectGroup } from "../../runs/actions/run-selection";
import { useFilterParts } from "../../runs/filter/use-filter";
import type { Runs } from "../../runs/use-runs";
import { useSetView } from "../../view/view-store";

/** A group, how many runs it has where that is known, and where on the page its menu opens. */
export interface GroupAnchor {
  readonly group: Pick<RunGroup, "values"> & { readonly nRuns: number | null };
  readonly left: number;
  readonly top: number;
}

/** The anchor below an element. */
export function groupAnchorAt(group: RunGroup, element: Element): GroupAnchor {
  const { left, bottom } = element.getBoundingClientRect();
  return { group, left, top: bottom };
}

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

export function GroupRowMenu(props: GroupRowMenuProps) {
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
    <Menu opened={anchor !== null} onClose={onClose} returnFocus>
      <Menu.Target>
        <button type="button" aria-label="Group menu" tabIndex={-1} style={placed(anchor)} />
      </Menu.Target>
      <Menu.Dropdown>
        {group && (
          <>
            {isAtCurve && <Menu.Label className="menu-of">{groupName(group.values)}</Menu.Label>}
            <Menu.Item
              leftSection={<Icon name="eye" isSmall />}
              onClick={() =>
                setView({
                  selection: { base: "none", on: [], off: [] },
                  hiddenGroups: [],
                  shownGroups: [groupId(group.values)],
                })
              }
            >
              Show only this group
            </Menu.Item>
            {isAtCurve && (
              <Menu.Item leftSection={<Icon name="eyeoff" isSmall />} onClick={() => hide(group.values)}>
                Hide
              </Menu.Item>
            )}
            {onStyle && (
              <Menu.Item leftSection={<Icon name="edit" isSmall />} onClick={onStyle}>
                Style in this panel
              </Menu.Item>
            )}
            {nRuns !== null && (
              <Menu.Item
                leftSection={<Icon name="check" isSmall />}
                onClick={() => void selectGroup(project, runs, group.values, true)}
              >
                Select its {formatNoun(nRuns, "run")}
              </Menu.Item>
            )}
            {condition && (
              <>
                <Menu.Divider />
                <Menu.Item
                  leftSection={<Icon name="filter" isSmall />}
                  onClick={() => add(...conjuncts(condition))}
                >
                  Filter by {groupName(group.values)}
                </Menu.Item>
                <Menu.Item
                  leftSection={<Icon name="filter" isSmall />}
                  title={filterText({ not: condition })}
                  onClick={() => add({ not: condition })}
                >
                  Leave {groupName(group.values)} out
                </Menu.Item>
              </>
            )}
            {!isAtCurve && (
              <>
                <Menu.Divider />
                <Menu.Item
                  leftSection={<Icon name="group" isSmall />}
                  onClick={() =>
                    setView({ openGroups: runs.groups.slice(0, 50).map((group) => groupId(group.values)) })
                  }
                >
                  Open all groups
                </Menu.Item>
                <Menu.Item
                  leftSection={<Icon name="minus" isSmall />}
                  onClick={() => setView({ openGroups: [] })}
                >
                  Close all groups
                </Menu.Item>
              </>
            )}
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
