/**
 * The menu of a group in the runs list: one for all groups.
 */

import { Menu } from "@mantine/core";
import type { RunGroup } from "@/api/groups";
import type { ProjectRef } from "@/api/types";
import { conjuncts, filterText, groupCondition } from "@/data/filter/tree";
import { formatNoun } from "@/data/format";
import { groupName } from "@/data/group-name";
import { groupId } from "@/data/view/view";
import { Icon } from "@/ui/icons";
import { placed } from "../runs/run-menu";
import { selectGroup } from "../runs/run-selection";
import { useFilterParts } from "../runs/use-filter";
import type { Runs } from "../runs/use-runs";
import { useSetView } from "../view/view-store";

/** A group and where on the page its menu opens. */
export interface GroupAnchor {
  readonly group: RunGroup;
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
  onClose(): void;
}

export function GroupRowMenu({ project, runs, anchor, onClose }: GroupRowMenuProps) {
  const setView = useSetView();
  const { parts, set } = useFilterParts();
  const group = anchor?.group;
  const { by } = runs.asked;
  const condition = group && groupCondition(by, group.values);
  return (
    <Menu opened={anchor !== null} onClose={onClose} returnFocus>
      <Menu.Target>
        <button type="button" aria-label="Group menu" tabIndex={-1} style={placed(anchor)} />
      </Menu.Target>
      <Menu.Dropdown>
        {group && (
          <>
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
            <Menu.Item
              leftSection={<Icon name="check" isSmall />}
              onClick={() => void selectGroup(project, runs, group.values, group.nRuns, true)}
            >
              Select its {formatNoun(group.nRuns, "run")}
            </Menu.Item>
            <Menu.Divider />
            {condition && (
              <>
                <Menu.Item
                  leftSection={<Icon name="filter" isSmall />}
                  onClick={() => set([...parts, ...conjuncts(condition)])}
                >
                  Filter by {groupName(group.values)}
                </Menu.Item>
                <Menu.Item
                  leftSection={<Icon name="filter" isSmall />}
                  title={filterText({ not: condition })}
                  onClick={() => set([...parts, { not: condition }])}
                >
                  Leave {groupName(group.values)} out
                </Menu.Item>
                <Menu.Divider />
              </>
            )}
            <Menu.Item
              leftSection={<Icon name="group" isSmall />}
              onClick={() =>
                setView({ openGroups: runs.groups.slice(0, 50).map((one) => groupId(one.values)) })
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
      </Menu.Dropdown>
    </Menu>
  );
}
