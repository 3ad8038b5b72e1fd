/** A run set while it is written: whose runs it has and which, in the windows of a workspace's list. */

import { useState } from "react";
import type { RunSet } from "@/data/report/document";
import { viewOfRuns } from "@/data/report/grid";
import { addRunSet, editRunSet, editRuns, type GridMembers, removeRunSet } from "@/data/report/grid-edits";
import { readGrid } from "@/data/report/read";
import { IconButton } from "@/ui/controls/icon-button";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { Popover } from "@/ui/overlays/popover";
import { FilterButton } from "../../../runs/filter/filter-button";
import { ColorMenu } from "../../../runs/keys/color-menu";
import { GroupMenu } from "../../../runs/keys/group-menu";
import { SortMenu } from "../../../runs/keys/sort-menu";
import { useRuns } from "../../../runs/use-runs";
import { ViewStoreProvider } from "../../../view/view-store";
import { RunSetLine } from "../../grid/run-set-entry";
import { runSetsOf } from "../../grid/run-sets";
import { useProjectOf } from "../../grid/use-project";
import type { SetRuns } from "../../grid/use-set-runs";
import { useReport } from "../../report-context";
import { useBoundView, type ViewBinding } from "./bound-view";
import { ChosenRuns } from "./chosen-runs";
import { RunSetFields } from "./run-set-fields";

interface WrittenRunSetProps {
  readonly gridId: string;
  readonly set: RunSet;
  readonly name: string;
  /** The grid has no other. */
  readonly isOnly: boolean;
  onRuns(id: string, runs: SetRuns): void;
  onChange(edit: (members: GridMembers) => GridMembers): void;
}

export function WrittenRunSet(props: WrittenRunSetProps) {
  const { gridId, set } = props;
  const [binding] = useState(() => runsBinding(gridId, set.id));
  return (
    <ViewStoreProvider store={useBoundView(gridId, binding)}>
      <Line {...props} />
    </ViewStoreProvider>
  );
}

function runsBinding(gridId: string, setId: string): ViewBinding {
  return {
    read(members) {
      const set = runSetsOf(readGrid(members, gridId)).find(({ id }) => id === setId);
      return set ? viewOfRuns(set) : {};
    },
    edit: (members, before, after) => editRuns(members, setId, before, after),
  };
}

const NO_COLUMNS: readonly string[] = [];

function Line({ gridId, set, name, isOnly, onRuns, onChange }: WrittenRunSetProps) {
  const { project: own } = useReport();
  const project = useProjectOf(set);
  const [runs, setRuns] = useState<SetRuns | null>(null);
  const listed = useRuns(project, NO_COLUMNS);
  const [tell] = useState(() => (id: string, next: SetRuns) => {
    setRuns(next);
    onRuns(id, next);
  });
  const edit = (fields: GridMembers) => onChange((members) => editRunSet(members, set.id, fields));
  return (
    <RunSetLine
      set={set}
      name={name}
      isShown={set.isShown}
      onTurn={isOnly ? undefined : () => edit({ isShown: set.isShown ? false : undefined })}
      onRuns={tell}
      title={
        <Popover
          label={`Run set ${name}`}
          width={340}
          isForTyping
          target={
            <button type="button" className="btn q sm set-name" title="Name and project">
              <b className="ell">{name}</b>
            </button>
          }
        >
          <RunSetFields set={set} own={own} onChange={edit} />
        </Popover>
      }
    >
      <span className="set-acts">
        <FilterButton project={project} runs={listed} />
        <GroupMenu project={project} isIcon />
        <SortMenu project={project} isIcon />
        <ColorMenu project={project} runs={listed} isIcon />
        <ChosenRuns project={project} set={set} runs={runs} onChange={edit} />
        <Menu
          position="bottom-end"
          target={<IconButton icon="dots" label={`Menu of the run set ${name}`} isSmall />}
        >
          <MenuItem icon="copy" onChoose={() => onChange((members) => addRunSet(members, gridId, set))}>
            Duplicate
          </MenuItem>
          <MenuItem
            icon="trash"
            isDanger
            isDisabled={isOnly}
            title={isOnly ? "A grid has one run set or more" : undefined}
            onChoose={() => onChange((members) => removeRunSet(members, set.id))}
          >
            Remove
          </MenuItem>
        </Menu>
      </span>
    </RunSetLine>
  );
}
