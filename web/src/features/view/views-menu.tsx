/** The button of views: which one is open, and whether it was changed since it was saved. Its menu comes after the page. */

import { useState } from "react";
import type { ProjectRef } from "@/api/types";
import { documentOf } from "@/data/view/document";
import { Menu } from "@/ui/overlays/menu";
import { later, useIdleLoad } from "@/ui/parts/later";
import { Icon } from "@/ui/signs/icons";
import { MidName } from "@/ui/text/mid-name";
import { openShare, useOpenShare, usePageShare } from "../open-share";
import { useOpenViewFile } from "../open-view-file";
import { useRights } from "../use-rights";
import { useReadView, useViewBase } from "./view-store";
import type { OpenDialog } from "./views-entries";
import "./view.css";

const loadEntries = () => import("./views-entries");
const ViewsEntries = later(async () => (await loadEntries()).ViewsEntries);
const ViewsDialogs = later(async () => (await loadEntries()).ViewsDialogs);

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
  const { mayShare } = useRights(project);
  const [isOpen, setOpen] = useState(false);
  const [dialog, setDialog] = useState<OpenDialog>(null);
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
  useIdleLoad(loadEntries);
  usePageShare("Share this view", share, mayShare && isKnown);
  const name = info?.name ?? (base.kind === "default" ? DEFAULT_NAME : isKnown ? "From a link" : "…");
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
            {name === DEFAULT_NAME ? (
              <DefaultName />
            ) : (
              <span className="val">
                <MidName name={name} />
              </span>
            )}
            {isEdited && (
              <span className="edited-dot" title="Edited: you changed this view since it was saved" />
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
          <ViewsEntries
            project={project}
            onShare={share}
            onDownload={() => useOpenViewFile.setState({ name })}
            onDialog={setDialog}
          />
        )}
      </Menu>
      {dialog && <ViewsDialogs project={project} dialog={dialog} name={name} onDialog={setDialog} />}
    </>
  );
}

function labelOf(name: string, flags: Readonly<Record<string, unknown>>): string {
  return ["View:", name, ...Object.keys(flags).filter((flag) => flags[flag])].join(" ");
}
