/**
 * The menu of views: which one is open, whether it was changed since it was saved, and what can be done with it.
 */

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import type { ProjectRef, SavedViewInfo } from "@/api/types";
import { savedViewsQuery } from "@/api/views";
import { documentOf } from "@/data/view/document";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Icon } from "@/ui/signs/icons";
import { openShare, useOpenShare, usePageShare } from "../open-share";
import { PersonAvatar } from "../person";
import { useRights } from "../use-rights";
import { type SavedViews, useSavedViews } from "./saved-views";
import { useReadView, useViewBase } from "./view-store";
import "./view.css";

const ViewDialog = lazy(() => import("./view-dialog").then((file) => ({ default: file.ViewDialog })));
const ConflictDialog = lazy(() => import("./view-dialog").then((file) => ({ default: file.ConflictDialog })));

type OpenDialog = "save-as" | "duplicate" | "rename" | "conflict" | null;

/** The filter that all runs match. */
const ALL_SHARED = { and: [] };

const DEFAULT_NAME = "Default view";

/** Its second word goes where the toolbar has no room for it. */
function DefaultName() {
  return (
    <span className="val">
      Default<span className="long"> view</span>
    </span>
  );
}

export function ViewsMenu({ project }: { project: ProjectRef }) {
  const { base, isEdited, isKnown, unsaved, unlinked } = useViewBase();
  const views = useSavedViews(project);
  const { mayWrite, mayShare } = useRights(project);
  const [isOpen, setOpen] = useState(false);
  const [asking, setDialog] = useState<OpenDialog>(null);
  const info = base.kind === "saved" ? base.info : null;
  const readView = useReadView();
  const share = () => {
    const view = readView();
    const { shown } = useOpenShare.getState();
    const runs = shown === null ? { filter: view.filter || ALL_SHARED } : { runs: [...shown] };
    const { panelSearch, isPanelRegex } = view;
    const document = { ...documentOf(view), panelSearch, isPanelRegex };
    openShare({ project, share: { kind: "view", name: info?.name ?? "", document, ...runs } });
  };
  usePageShare("Share this view", share, mayShare && isKnown);
  const name = info?.name ?? (base.kind === "default" ? DEFAULT_NAME : isKnown ? "From a link" : "…");
  const save = async () => {
    if (!(await views.save())) setDialog("conflict");
  };
  return (
    <>
      <Menu
        isOpen={isOpen}
        onOpen={setOpen}
        position="bottom-end"
        width={264}
        target={
          <button
            type="button"
            className="btn q views-btn"
            aria-label={labelOf(name, { edited: isEdited, "not saved": unsaved, "no link": unlinked })}
          >
            <Icon name="layers" isSmall />
            {name === DEFAULT_NAME ? <DefaultName /> : <span className="val ell">{name}</span>}{" "}
            {isEdited && (
              <span className="flag neu" title="You changed this view since it was saved">
                edited
              </span>
            )}
            {unsaved && (
              <span className="flag wrn" title={`Your changes are not on the server: ${unsaved.message}`}>
                not saved
              </span>
            )}
            {unlinked && (
              <span
                className="flag wrn"
                title={`This view is too long for the address, which shows an earlier one: ${unlinked.message}`}
              >
                no link
              </span>
            )}
            <Icon name="down" isSmall className="caret" />
          </button>
        }
      >
        {isOpen && (
          <>
            {isEdited && (
              <>
                {mayWrite && (
                  <MenuItem icon="check" onChoose={() => void save()}>
                    Save changes
                  </MenuItem>
                )}
                <MenuItem icon="undo" onChoose={() => views.revert()}>
                  Revert changes
                </MenuItem>
              </>
            )}
            {mayWrite && (
              <MenuItem icon="plus" onChoose={() => setDialog("save-as")}>
                Save as new view
              </MenuItem>
            )}
            {mayWrite && base.kind !== "none" && (
              <MenuItem icon="copy" onChoose={() => setDialog("duplicate")}>
                Duplicate
              </MenuItem>
            )}
            <ViewsList
              project={project}
              views={views}
              current={info?.id ?? null}
              isDefault={base.kind === "default"}
            />
            {isKnown && (mayShare || info) && <MenuLine />}
            {mayShare && isKnown && (
              <MenuItem icon="send" onChoose={share}>
                Share by a link…
              </MenuItem>
            )}
            {info ? (
              <OfSaved info={info} views={views} mayWrite={mayWrite} onRename={() => setDialog("rename")} />
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
        )}
      </Menu>
      <Suspense>
        {asking === "save-as" && (
          <ViewDialog
            title="Save as new view"
            action="Save"
            firstName={info ? `${info.name} 2` : ""}
            firstKind={info?.kind === "shared" ? "shared" : "personal"}
            onTake={(text, kind) => views.saveAs(text, kind)}
            onClose={() => setDialog(null)}
          />
        )}
        {asking === "duplicate" && (
          <ViewDialog
            title="Duplicate view"
            action="Duplicate"
            firstName={`Copy of ${name}`}
            firstKind={info?.kind === "shared" ? "shared" : "personal"}
            onTake={(text, kind) => views.duplicate(text, kind)}
            onClose={() => setDialog(null)}
          />
        )}
        {asking === "rename" && info && (
          <ViewDialog
            title="Rename view"
            action="Rename"
            firstName={info.name}
            firstKind={info.kind === "shared" ? "shared" : "personal"}
            onTake={(text, kind) => views.rename(info, text, kind)}
            onClose={() => setDialog(null)}
          />
        )}
        {asking === "conflict" && (
          <ConflictDialog
            name={name}
            onSaveOver={() => void views.saveOver()}
            onTakeTheirs={() => void views.takeTheirs()}
            onSaveAs={() => setDialog("save-as")}
            onClose={() => setDialog((now) => (now === "conflict" ? null : now))}
          />
        )}
      </Suspense>
    </>
  );
}

function labelOf(name: string, flags: Readonly<Record<string, unknown>>): string {
  return ["View:", name, ...Object.keys(flags).filter((flag) => flags[flag])].join(" ");
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
