/**
 * A run's head on all its tabs: colour, name, state, tags, and what can be done with it.
 */

import { type RefObject, useRef, useState } from "react";
import type { Run } from "@/api/types";
import { formatNoun } from "@/data/format";
import { Ago } from "@/ui/ago";
import { Button } from "@/ui/button";
import { IconButton } from "@/ui/icon-button";
import { Icon } from "@/ui/icons";
import { Menu, MenuItem, MenuLine } from "@/ui/menu";
import { useRunColor } from "@/ui/run-color";
import { StateIcon } from "@/ui/state-icon";
import { Tag } from "@/ui/tag";
import { TagsField } from "@/ui/tags-field";
import { showDone, showFailed } from "@/ui/toasts";
import { anchorAt, type RunAnchor, RunPalette } from "../runs/run-menu";
import { useShownRun } from "./shown-run";
import { useRunEdits } from "./use-run-edits";

export function RunHead() {
  const { run } = useShownRun();
  const color = useRunColor(run.id);
  const [isRenaming, setRenaming] = useState(false);
  const [palette, setPalette] = useState<RunAnchor | null>(null);
  const menuButton = useRef<HTMLButtonElement>(null);
  return (
    <header className="run-head">
      <button
        type="button"
        className="dot-btn"
        aria-label="Colour of this run"
        title="Colour of this run, in this browser"
        onClick={(event) => setPalette(anchorAt(run, event.currentTarget))}
      >
        <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
      </button>
      {isRenaming ? (
        <NameField
          run={run}
          menuButton={menuButton}
          onDone={() => {
            setRenaming(false);
            menuButton.current?.focus();
          }}
        />
      ) : (
        <h1 className="ell" title={run.name} onDoubleClick={() => setRenaming(true)}>
          {run.name}
        </h1>
      )}
      <span className={`stat ${run.state}`}>
        <StateIcon state={run.state} />
        {run.state}
      </span>
      {run.warnings.length > 0 && (
        <span className="flag wrn" title={run.warnings.join("\n")}>
          {formatNoun(run.warnings.length, "warning")}
        </span>
      )}
      <Tags run={run} />
      <span className="grow" />
      <span className="muted started">
        started <Ago micros={run.started_micros} suffix=" ago" />
        {run.user && ` by ${run.user}`}
      </span>
      <RunActions onRename={() => setRenaming(true)} menuButton={menuButton} />
      <RunPalette anchor={palette} onClose={() => setPalette(null)} />
    </header>
  );
}

interface NameFieldProps {
  readonly run: Run;
  readonly menuButton: RefObject<HTMLButtonElement | null>;
  onDone(): void;
}

function NameField({ run, menuButton, onDone }: NameFieldProps) {
  const { rename } = useRunEdits();
  const [name, setName] = useState(run.name);
  const isLeft = useRef(false);
  const isReturned = useRef(false);
  const leave = (isTaken: boolean) => {
    if (isLeft.current) return;
    isLeft.current = true;
    if (isTaken) void rename(name.trim());
    onDone();
  };
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
      onFocus={(event) => event.target.select()}
      onBlur={(event) => {
        // a menu that closes gives the focus back to its button, also when it has led here
        if (!isReturned.current && event.relatedTarget === menuButton.current) event.currentTarget.focus();
        else leave(true);
        isReturned.current = true;
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") leave(true);
        if (event.key === "Escape") leave(false);
      }}
    />
  );
}

const SHOWN_TAGS = 6;

function Tags({ run }: { run: Run }) {
  const { setTags } = useRunEdits();
  const [isEditing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  if (isEditing) {
    return (
      <div className="head-tags">
        <TagsField
          label="Add a tag"
          tags={run.tags}
          autoFocus
          onChange={(tags) => void setTags(tags)}
          onDone={() => setEditing(false)}
        />
      </div>
    );
  }
  const shown = run.tags.slice(0, SHOWN_TAGS);
  return (
    <div className="row head-tags">
      {shown.map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
      {run.tags.length > shown.length && (
        <span className="meta" title={run.tags.slice(SHOWN_TAGS).join(", ")}>
          +{run.tags.length - shown.length}
        </span>
      )}
      <IconButton icon="plus" label="Edit tags" isSmall ref={button} onClick={() => setEditing(true)} />
    </div>
  );
}

interface RunActionsProps {
  readonly menuButton: RefObject<HTMLButtonElement | null>;
  onRename(): void;
}

function RunActions({ menuButton, onRename }: RunActionsProps) {
  const { run } = useShownRun();
  const { stop, remove } = useRunEdits();
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text);
      showDone(`Copied ${what}`);
    } catch (error) {
      showFailed("Could not copy", error);
    }
  };
  const path = `${run.entity}/${run.project}/${run.id}`;
  return (
    <>
      <Button icon="link" onClick={() => void copy(window.location.href, "the link to this page")}>
        Copy link
      </Button>
      {run.state === "running" && (
        <Button icon="stop" onClick={() => void stop()}>
          Stop
        </Button>
      )}
      <Menu
        position="bottom-end"
        target={
          <button type="button" className="btn ico" aria-label="More of this run" ref={menuButton}>
            <Icon name="dots" />
          </button>
        }
      >
        <MenuItem icon="edit" onChoose={onRename}>
          Rename
        </MenuItem>
        <MenuItem icon="copy" onChoose={() => void copy(path, path)}>
          Copy path for weft.Api
        </MenuItem>
        <MenuItem icon="copy" onChoose={() => void copy(run.id, run.id)}>
          Copy id
        </MenuItem>
        <MenuLine />
        <MenuItem icon="trash" isDanger onChoose={() => void remove()}>
          Delete
        </MenuItem>
      </Menu>
    </>
  );
}
