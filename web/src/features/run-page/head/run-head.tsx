/** A run's head on all its tabs: colour, name, state, tags, and what can be done with it. */

import { Link } from "@tanstack/react-router";
import { type RefObject, useEffect, useRef, useState } from "react";
import type { Run } from "@/api/types";
import { isStarred } from "@/data/runs/star";
import { formatNoun } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { TagsField } from "@/ui/fields/tags-field";
import { useEditing } from "@/ui/hooks/use-editing";
import { useStable } from "@/ui/hooks/use-stable";
import { usePageKeys } from "@/ui/keys/use-page-keys";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";
import { LockSign } from "@/ui/signs/lock-sign";
import { StateIcon } from "@/ui/signs/state-icon";
import { Ago } from "@/ui/text/ago";
import { Tag } from "@/ui/text/tag";
import { DeleteItem } from "../../delete-item";
import { openShare, usePageShare } from "../../open-share";
import { useRunActions } from "../../runs/actions/run-actions";
import { anchorAt, type RunAnchor } from "../../runs/actions/run-anchor";
import { RunPalette } from "../../runs/actions/run-menu";
import { StarButton } from "../../runs/actions/star-button";
import { StopDialog } from "../../runs/actions/stop-dialog";
import { useTags } from "../../runs/actions/use-tags";
import { useRights } from "../../use-rights";
import { RunsWith } from "../runs-with";
import { useShownRun } from "../shown-run";
import { Neighbours } from "./neighbours";
import { useOwnPage } from "./use-own-page";

export function RunHead() {
  const { project, run } = useShownRun();
  const { turnStar } = useRunActions(project);
  const { mayWrite } = useRights(project);
  const [isRenaming, setRenaming] = useState(false);
  const [palette, setPalette] = useState<RunAnchor | null>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  usePageKeys((key) => {
    if (key !== "F2" || !mayWrite) return false;
    setRenaming(true);
    return true;
  });
  return (
    <header className="run-head">
      <button
        type="button"
        className="dot-btn"
        aria-label="Color of this run"
        title="Color of this run"
        onClick={(event) => setPalette(anchorAt(run, event.currentTarget))}
      >
        <span className="sw-dot" style={{ background: `var(--w-run-${run.color})` }} />
      </button>
      {isRenaming ? (
        <NameField run={run} menuButton={menuButton} onDone={() => setRenaming(false)} />
      ) : (
        <h1 className="ell" title={run.name} onDoubleClick={() => mayWrite && setRenaming(true)}>
          {run.name}
        </h1>
      )}
      <span className={`stat ${run.state}`}>
        <StateIcon state={run.state} />
        {run.state}
      </span>
      {(mayWrite || isStarred(run)) && (
        <StarButton
          name={run.name}
          isOn={isStarred(run)}
          onTurn={mayWrite ? () => void turnStar(run) : undefined}
        />
      )}
      <LockSign user={run.locked_by} micros={run.locked_micros} />
      {run.warnings.length > 0 && (
        <span className="flag wrn" title={run.warnings.join("\n")}>
          {formatNoun(run.warnings.length, "warning")}
        </span>
      )}
      <Tags run={run} />
      <div className="row head-end">
        <span className="muted started">
          created <Ago micros={run.created_micros} suffix=" ago" />
          {run.user && ` by ${run.user}`}
        </span>
        <Neighbours />
        <RunActions onRename={() => setRenaming(true)} menuButton={menuButton} />
      </div>
      <RunPalette project={project} anchor={palette} onClose={() => setPalette(null)} />
    </header>
  );
}

interface NameFieldProps {
  readonly run: Run;
  readonly menuButton: RefObject<HTMLButtonElement | null>;
  onDone(): void;
}

function NameField({ run, menuButton, onDone }: NameFieldProps) {
  const { project } = useShownRun();
  const { rename } = useRunActions(project);
  const [name, setName] = useState(run.name);
  const isLeft = useRef(false);
  const isReturned = useRef(false);
  const isPressed = useRef(false);
  const leave = (isAccepted: boolean) => {
    if (isLeft.current) return;
    isLeft.current = true;
    if (isAccepted) void rename(run, name.trim());
    // the buttons next to the field move when it closes: a click on one of them ends first
    if (!isPressed.current) onDone();
  };
  const release = useStable(() => {
    isPressed.current = false;
    if (isLeft.current) onDone();
  });
  useEffect(() => {
    const listeners = new AbortController();
    const listen = (type: string, listener: () => void) =>
      document.addEventListener(type, listener, { capture: true, signal: listeners.signal });
    listen("pointerdown", () => {
      isPressed.current = true;
    });
    // the click follows
    for (const type of ["pointerup", "pointercancel"]) listen(type, () => setTimeout(release));
    return () => listeners.abort();
  }, [release]);
  return (
    <input
      className="name-field"
      aria-label="Name of the run"
      // biome-ignore lint/a11y/noAutofocus: opened by a person to type in
      autoFocus
      spellCheck={false}
      size={Math.max(12, name.length)}
      value={name}
      onChange={(event) => setName(event.target.value)}
      onFocus={(event) => {
        // by then a fast person has typed the first letters
        if (!isReturned.current) event.target.select();
      }}
      onBlur={(event) => {
        if (isLeft.current) return;
        // a menu that closes gives the focus back to its button, also when it has led here
        const isMenus = !isReturned.current && event.relatedTarget === menuButton.current;
        isReturned.current = true;
        if (isMenus) event.currentTarget.focus();
        else leave(true);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" && event.key !== "Escape") return;
        // else Enter presses the button that has the focus by then
        event.preventDefault();
        leave(event.key === "Enter");
        menuButton.current?.focus();
      }}
    />
  );
}

const SHOWN_TAGS = 6;

function Tags({ run }: { run: Run }) {
  const { isEditing, begin, end, button, editor } = useEditing();
  const { mayWrite } = useRights(useShownRun().project);
  if (isEditing) return <TagEditor run={run} box={editor} onDone={end} />;
  const shown = run.tags.slice(0, SHOWN_TAGS);
  return (
    <div className="row head-tags">
      {shown.map((tag) => (
        <RunsWith key={tag} column="tags" value={tag}>
          <Tag>{tag}</Tag>
        </RunsWith>
      ))}
      {run.tags.length > shown.length && (
        <span className="meta" title={run.tags.slice(SHOWN_TAGS).join(", ")}>
          +{run.tags.length - shown.length}
        </span>
      )}
      {mayWrite &&
        (run.tags.length > 0 ? (
          <IconButton icon="plus" label="Edit tags" isSmall ref={button} onClick={begin} />
        ) : (
          <Button look="quiet" icon="plus" isSmall ref={button} aria-label="Edit tags" onClick={begin}>
            Tags
          </Button>
        ))}
    </div>
  );
}

interface TagEditorProps {
  readonly run: Run;
  readonly box: RefObject<HTMLDivElement | null>;
  onDone(): void;
}

function TagEditor({ run, box, onDone }: TagEditorProps) {
  const { project } = useShownRun();
  const { setTags } = useRunActions(project);
  return (
    <div className="head-tags" ref={box}>
      <TagsField
        label="Add a tag"
        tags={run.tags}
        suggestions={useTags(project)}
        autoFocus
        onChange={(tags) => void setTags(run, tags)}
        onDone={onDone}
      />
    </div>
  );
}

interface RunActionsProps {
  readonly menuButton: RefObject<HTMLButtonElement | null>;
  onRename(): void;
}

function RunActions({ menuButton, onRename }: RunActionsProps) {
  const { project, run } = useShownRun();
  const { stop, remove, setLock } = useRunActions(project);
  const { mayWrite, mayShare } = useRights(project);
  const page = useOwnPage();
  const [isStopping, setStopping] = useState(false);
  const share = () => openShare({ project, share: { kind: "run", name: run.name, runs: [run.id] } });
  usePageShare("Share this run", share, mayShare);
  const path = `${run.entity}/${run.project}/${run.id}`;
  return (
    <>
      <Link className="btn" to="/$entity/$project/compare" params={project} search={{ ids: run.id } as never}>
        <Icon name="swap" isSmall />
        Compare
      </Link>
      <Button icon="link" onClick={() => void copyText(window.location.href, "the link to this page")}>
        Copy link
      </Button>
      {mayShare && (
        <Button icon="send" onClick={share}>
          Share
        </Button>
      )}
      {mayWrite && run.state === "running" && (
        <Button icon="stop" onClick={() => setStopping(true)}>
          Stop
        </Button>
      )}
      <StopDialog
        subject={run.name}
        isOpen={isStopping}
        onClose={() => setStopping(false)}
        onStop={() => void stop(run)}
      />
      <Menu
        position="bottom-end"
        target={
          <button type="button" className="btn ico" aria-label="More of this run" ref={menuButton}>
            <Icon name="dots" />
          </button>
        }
      >
        {mayWrite && (
          <MenuItem icon="edit" keys="F2" onChoose={onRename}>
            Rename
          </MenuItem>
        )}
        <MenuItem icon="copy" onChoose={() => void copyText(path, path)}>
          Copy path for weft.Api
        </MenuItem>
        <MenuItem icon="copy" onChoose={() => void copyText(run.id, run.id)}>
          Copy id
        </MenuItem>
        {mayWrite && (
          <>
            <MenuItem icon="lock" onChoose={() => void setLock(run, !run.locked_by)}>
              {run.locked_by ? "Unlock" : "Lock"}
            </MenuItem>
            <MenuLine />
            <DeleteItem lockedBy={run.locked_by} onChoose={() => void remove(run, page)} />
          </>
        )}
      </Menu>
    </>
  );
}
