/** The buttons of the bar over a list of runs while some are selected, loaded with the first selection. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ComponentProps, lazy, Suspense, useEffect, useState } from "react";
import { columnValuesQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import type { ProjectRef } from "@/api/types";
import { filterText } from "@/data/filter/tree";
import { formatCount, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { IconButton } from "@/ui/controls/icon-button";
import { Dialog } from "@/ui/overlays/dialog";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { openShare } from "../../open-share";
import { useRights } from "../../use-rights";
import { useView } from "../../view/view-store";
import { leftByKey } from "../return-row";
import { HiddenNote } from "../rows/hidden-runs";
import { selectOnlyListed } from "../rows/hidden-selection";
import type { Runs } from "../use-runs";
import { useDeletion } from "./delete-dialog";
import { MovePicker } from "./move-picker";
import { clearSelection, MOST_SELECTED, setEditing, useIsEditing } from "./run-selection";
import { type SelectedCommand, useOfferCommands } from "./selected-commands";
import { StopDialog } from "./stop-dialog";
import { TagPicker } from "./tag-picker";
import { useBulkActions } from "./use-bulk-actions";
import "../runs.css";

const BulkEdit = lazy(() => import("./bulk-edit"));

export interface BulkBarProps {
  readonly project: ProjectRef;
  /** The list; the box at the left selects all of its runs. */
  readonly runs: Runs;
  /** Whether its buttons take two lines. */
  readonly isNarrow: boolean;
  onSelectAll(): void;
}

interface BulkToolsProps extends BulkBarProps {
  /** Of the selected runs. */
  readonly ids: readonly string[];
  /** Of the selected runs, those that the list leaves out. */
  readonly nHidden: number;
}

export default function BulkTools(props: BulkToolsProps) {
  const { project, ids, nHidden, runs, isNarrow, onSelectAll } = props;
  const { total, request } = runs;
  const actions = useBulkActions(project);
  const [isStopping, setStopping] = useState(false);
  const isEditing = useIsEditing();
  const { mayWrite, mayShare } = useRights(project);
  // else it would open by itself with the next selection
  useEffect(() => () => setEditing(false), []);
  const baseline = useView((view) => view.baseline);
  const set: RunSet = {
    filter: filterText({ column: "id", op: "in", value: ids.slice(0, MOST_SELECTED) }),
    search: "",
    isRegex: false,
  };
  const states = useQuery({
    ...columnValuesQuery(project, "state", set),
    enabled: ids.length <= MOST_SELECTED,
  });
  const lockers = useQuery({
    ...columnValuesQuery(project, "locked_by", set),
    enabled: ids.length <= MOST_SELECTED,
  });
  const nLocked = (lockers.data ?? []).reduce(
    (sum, { value, nRuns }) => sum + (typeof value === "string" ? nRuns : 0),
    0,
  );
  const nRunning = states.data?.find(({ value }) => value === "running")?.nRuns ?? 0;
  const compared = baseline !== null && ids.includes(baseline) ? [...new Set([baseline, ...ids])] : ids;
  const isAll = total > 0 && ids.length - nHidden >= total;
  const [isTagging, setTagging] = useState(false);
  const isLocked = nLocked === ids.length;
  const note = <HiddenNote project={project} list={request} ids={ids} nHidden={nHidden} />;
  const [question, setQuestion] = useState<{ readonly verb: string; act(): void } | null>(null);
  /** Do at once what can be taken back, unless some of the runs are out of sight. */
  const unlessHidden = (verb: string, act: () => void) => () =>
    nHidden > 0 ? setQuestion({ verb, act }) : act();
  const share = unlessHidden("Share", () =>
    openShare({ project, share: { kind: "selection", runs: [...ids] } }),
  );
  const lock = unlessHidden(isLocked ? "Unlock" : "Lock", () => void actions.lock(ids, !isLocked));
  const deletion = useDeletion(project, request, actions.remove);
  const remove = () => void deletion.ask(ids);
  const selected = ids.length === 1 ? "the selected run" : `the ${formatNoun(ids.length, "selected run")}`;
  const sharing: SelectedCommand = { id: "share", icon: "send", label: `Share ${selected}`, run: share };
  const commands: readonly SelectedCommand[] = [
    ...(mayShare ? [sharing] : []),
    { id: "tag", icon: "tag", label: `Tag ${selected}`, run: () => setTagging(true) },
    { id: "lock", icon: "lock", label: `${isLocked ? "Unlock" : "Lock"} ${selected}`, run: lock },
    { id: "delete", icon: "trash", label: `Delete ${selected}`, run: remove },
  ];
  useOfferCommands(ids.length, mayWrite ? commands : []);
  return (
    <div
      className={`pop bulk ${isNarrow ? "two-lines" : ""}`}
      role="toolbar"
      aria-label="Selected runs"
      onKeyDown={(event) => {
        // what opens from it closes itself first
        if (event.key === "Escape" && event.currentTarget.contains(event.target as Node)) clearSelection();
      }}
    >
      <Checkbox
        label={isAll ? "Select none" : `Select all ${formatNoun(total, "run")}`}
        isOn={isAll}
        isMixed={!isAll && ids.length > nHidden}
        onChange={() => (isAll ? clearSelection() : onSelectAll())}
      />
      <b className="count">
        {formatCount(ids.length)}
        <span className="noun"> selected</span>
      </b>
      {nHidden > 0 && (
        <Button
          look="quiet"
          icon="filter"
          className="of-hidden"
          aria-label={`${formatCount(nHidden)} not in the list: select only those that are`}
          title="Selected, but left out by the search or the filter. Click to select only runs in the list."
          onClick={() => void selectOnlyListed(project, request, ids)}
        >
          {formatCount(nHidden)} not in the list
        </Button>
      )}
      <span className="vr" />
      {ids.length > 1 && (
        <Link
          className="btn q"
          to="/$entity/$project/compare"
          params={project}
          search={{ ids: compared.join(",") } as never}
          aria-label="Compare"
          // by a key: there is no press of a pointer
          onClick={({ detail }) => {
            leftByKey.run = detail === 0 ? (ids.at(-1) ?? null) : null;
          }}
          title="Compare, differences first"
        >
          <Icon name="swap" isSmall />
          <span className="word">Compare</span>
        </Link>
      )}
      <BarButton
        icon="eye"
        className="of-shown"
        label="Only these"
        title="Show only these in charts"
        onClick={() => actions.showOnly(ids)}
      />
      <BarButton
        icon="eyeoff"
        className="of-shown"
        label="Hide"
        title="Hide in charts"
        onClick={() => actions.setShown(ids, false)}
      />
      {mayWrite && (
        <>
          {mayShare && <BarButton icon="send" label="Share" title="Share by a link" onClick={share} />}
          <BarButton
            icon="edit"
            label="Edit"
            title="Edit names, group, tags, notes and config (e)"
            onClick={() => setEditing(true)}
          />
          <Popover
            label="Tags of the selected runs"
            position="top-start"
            width={240}
            isOpen={isTagging}
            onOpen={setTagging}
            target={<BarButton icon="tag" label="Tag" title="Tag" />}
          >
            <TagPicker project={project} set={set} ids={ids} actions={actions} note={note} />
          </Popover>
          <Popover
            label="Move the selected runs"
            position="top-start"
            width={260}
            target={<BarButton icon="move" label="Move" title="Move to another project" />}
          >
            {(close) => (
              <MovePicker
                project={project}
                note={note}
                onMove={(target) => {
                  close();
                  void actions.move(ids, target);
                }}
              />
            )}
          </Popover>
          {nRunning > 0 && (
            <Button
              look="quiet"
              icon="stop"
              className="of-running"
              onClick={() => setStopping(true)}
              aria-label={`Stop ${nRunning}`}
              title="Stop those that run"
            >
              <span className="word">Stop</span> {formatCount(nRunning)}
            </Button>
          )}
          <BarButton
            icon="lock"
            label={isLocked ? "Unlock" : "Lock"}
            title={
              isLocked
                ? "Unlock, so that they can be deleted"
                : `Lock, so that they can't be deleted${nLocked > 0 ? ` (${formatCount(nLocked)} are)` : ""}`
            }
            onClick={lock}
          />
          <BarButton look="danger" icon="trash" label="Delete" title="Move to the trash" onClick={remove} />
        </>
      )}
      <span className="vr" />
      <IconButton icon="x" label="Clear selection" onClick={clearSelection} />
      {isEditing && (
        <Suspense>
          <BulkEdit
            project={project}
            ids={ids}
            set={set}
            maxNames={MOST_SELECTED}
            nRunning={nRunning}
            note={note}
            onClosed={() => setEditing(false)}
          />
        </Suspense>
      )}
      {deletion.dialog}
      <StopDialog
        subject={formatNoun(nRunning, "run")}
        isOpen={isStopping}
        onClose={() => setStopping(false)}
        onStop={() => void actions.stop(ids)}
      >
        {note}
      </StopDialog>
      {question && (
        <Dialog
          title={`${question.verb} ${formatNoun(ids.length, "run")}?`}
          isOpen
          onClose={() => setQuestion(null)}
          actions={
            <>
              <Button data-autofocus onClick={() => setQuestion(null)}>
                Cancel
              </Button>
              <Button
                look="ink"
                onClick={() => {
                  setQuestion(null);
                  question.act();
                }}
              >
                {question.verb} {formatNoun(ids.length, "run")}
              </Button>
            </>
          }
        >
          {note}
        </Dialog>
      )}
    </div>
  );
}

interface BarButtonProps
  extends Pick<ComponentProps<typeof Button>, "className" | "icon" | "look" | "title" | "onClick"> {
  readonly label: string;
}

/** A button whose word gives way where the bar is narrow. */
function BarButton({ label, look = "quiet", ...props }: BarButtonProps) {
  return (
    <Button look={look} aria-label={label} {...props}>
      <span className="word">{label}</span>
    </Button>
  );
}
