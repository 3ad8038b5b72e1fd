/** The entries of the menu of views and its dialogs, which come after the page. */

import { useQuery } from "@tanstack/react-query";
import type { Dispatch, SetStateAction } from "react";
import type { ProjectRef, SavedViewInfo } from "@/api/types";
import { savedViewsQuery } from "@/api/views";
import { MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { useOpenViewFile } from "../open-view-file";
import { PersonAvatar } from "../person";
import { useRights } from "../use-rights";
import { hasDraft } from "./drafts";
import { type SavedViews, useSavedViews } from "./saved-views";
import { ConflictDialog, ViewDialog } from "./view-dialog";
import { useViewBase } from "./view-store";

export type OpenDialog = "save-as" | "duplicate" | "rename" | "conflict" | null;

interface ViewsEntriesProps {
  readonly project: ProjectRef;
  onShare(): void;
  onDownload(): void;
  readonly onDialog: Dispatch<SetStateAction<OpenDialog>>;
}

export function ViewsEntries({ project, onShare, onDownload, onDialog }: ViewsEntriesProps) {
  const { base, isEdited, isKnown } = useViewBase();
  const views = useSavedViews(project);
  const { mayWrite, mayShare } = useRights(project);
  const info = base.kind === "saved" ? base.info : null;
  const isFileOffered = useOpenViewFile((state) => state.isOffered);
  const save = async () => {
    if (!(await views.save())) onDialog("conflict");
  };
  return (
    <>
      {isEdited && (
        <>
          {mayWrite && (
            <MenuItem icon="check" onChoose={() => void save()}>
              Save changes
            </MenuItem>
          )}
          <MenuItem icon="undo" onChoose={() => views.revert()}>
            Discard changes
          </MenuItem>
        </>
      )}
      {mayWrite && (
        <MenuItem icon="plus" onChoose={() => onDialog("save-as")}>
          Save as new view
        </MenuItem>
      )}
      {mayWrite && base.kind !== "none" && (
        <MenuItem icon="copy" onChoose={() => onDialog("duplicate")}>
          Duplicate
        </MenuItem>
      )}
      <ViewsList
        project={project}
        views={views}
        current={info?.id ?? null}
        isDefault={base.kind === "default"}
      />
      {isKnown && (mayShare || isFileOffered || info) && <MenuLine />}
      {mayShare && isKnown && (
        <MenuItem icon="send" onChoose={onShare}>
          Share by a link…
        </MenuItem>
      )}
      {isFileOffered && isKnown && (
        <MenuItem icon="download" end=".html" onChoose={onDownload}>
          Download as HTML…
        </MenuItem>
      )}
      {info ? (
        <OfSaved info={info} views={views} mayWrite={mayWrite} onRename={() => onDialog("rename")} />
      ) : base.kind === "default" ? (
        <>
          <MenuItem icon="link" onChoose={() => void views.copyLink()}>
            Copy link
          </MenuItem>
          <MenuItem icon="undo" onChoose={() => views.reset()}>
            Back to how it was at first
          </MenuItem>
        </>
      ) : (
        isKnown && (
          <MenuItem icon="star" onChoose={() => void views.makeDefault()}>
            Make it my default view
          </MenuItem>
        )
      )}
    </>
  );
}

interface ViewsDialogsProps {
  readonly project: ProjectRef;
  readonly dialog: OpenDialog;
  /** Of the open view. */
  readonly name: string;
  readonly onDialog: Dispatch<SetStateAction<OpenDialog>>;
}

export function ViewsDialogs({ project, dialog, name, onDialog }: ViewsDialogsProps) {
  const { base } = useViewBase();
  const views = useSavedViews(project);
  const info = base.kind === "saved" ? base.info : null;
  return (
    <>
      {dialog === "save-as" && (
        <ViewDialog
          title="Save as new view"
          action="Save"
          firstName={info ? `${info.name} 2` : ""}
          firstKind={info?.kind === "shared" ? "shared" : "personal"}
          onTake={(text, kind) => views.saveAs(text, kind)}
          onClose={() => onDialog(null)}
        />
      )}
      {dialog === "duplicate" && (
        <ViewDialog
          title="Duplicate view"
          action="Duplicate"
          firstName={`Copy of ${name}`}
          firstKind={info?.kind === "shared" ? "shared" : "personal"}
          onTake={(text, kind) => views.duplicate(text, kind)}
          onClose={() => onDialog(null)}
        />
      )}
      {dialog === "rename" && info && (
        <ViewDialog
          title="Rename view"
          action="Rename"
          firstName={info.name}
          firstKind={info.kind === "shared" ? "shared" : "personal"}
          onTake={(text, kind) => views.rename(info, text, kind)}
          onClose={() => onDialog(null)}
        />
      )}
      {dialog === "conflict" && (
        <ConflictDialog
          name={name}
          onSaveOver={() => void views.saveOver()}
          onTakeTheirs={() => void views.takeTheirs()}
          onSaveAs={() => onDialog("save-as")}
          onClose={() => onDialog((now) => (now === "conflict" ? null : now))}
        />
      )}
    </>
  );
}

interface ViewsListProps {
  readonly project: ProjectRef;
  readonly views: SavedViews;
  readonly current: string | null;
  readonly isDefault: boolean;
}

function ViewsList({ project, views, current, isDefault }: ViewsListProps) {
  const { data, isError } = useQuery(savedViewsQuery(project));
  const personal = data?.filter((view) => view.kind === "personal") ?? [];
  const shared = data?.filter((view) => view.kind === "shared") ?? [];
  const item = (view: SavedViewInfo) => (
    <RadioItem
      key={view.id}
      label={view.name}
      isOn={view.id === current}
      onChoose={() => void views.open(view)}
    >
      <span className="ell" title={view.name}>
        {view.name}
      </span>
      {view.id !== current && hasDraft(view.id) && <span className="flag neu">edited</span>}
      {view.kind === "shared" && view.owner && (
        <span className="row view-owner" title={ownerText(view)}>
          <PersonAvatar user={view.owner} size="sm" />
        </span>
      )}
    </RadioItem>
  );
  return (
    <div className="views-list">
      <MenuLabel>Yours</MenuLabel>
      <RadioItem label="Default view" isOn={isDefault} onChoose={() => void views.open(null)}>
        Default view <span className="meta">saves itself</span>
      </RadioItem>
      {personal.map(item)}
      {shared.length > 0 && <MenuLabel>Shared in this project</MenuLabel>}
      {shared.map(item)}
      {isError && <MenuLabel>The other views could not be read</MenuLabel>}
    </div>
  );
}

function ownerText({ owner, edited_by }: SavedViewInfo): string {
  return edited_by && edited_by !== owner ? `by ${owner}, changed by ${edited_by}` : `by ${owner}`;
}

interface OfSavedProps {
  readonly info: SavedViewInfo;
  readonly views: SavedViews;
  readonly mayWrite: boolean;
  onRename(): void;
}

function OfSaved({ info, views, mayWrite, onRename }: OfSavedProps) {
  const isShared = info.kind === "shared";
  return (
    <>
      <MenuItem icon="link" onChoose={() => void views.copyLink()}>
        Copy link
      </MenuItem>
      {mayWrite && info.is_mine && (
        <>
          <MenuItem icon="edit" onChoose={onRename}>
            Rename
          </MenuItem>
          <MenuItem
            icon={isShared ? "lock" : "user"}
            onChoose={() => void views.share(info, isShared ? "personal" : "shared")}
          >
            {isShared ? "Stop sharing" : "Share in this project"}
          </MenuItem>
          <MenuItem icon="trash" isDanger onChoose={() => void views.remove(info)}>
            Delete
          </MenuItem>
        </>
      )}
    </>
  );
}
