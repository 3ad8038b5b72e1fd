/** The command palette: one field that finds pages, runs, metrics, projects and actions. */

import { Modal } from "@mantine/core";
import {
  Fragment,
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useEffectEvent,
  useId,
  useRef,
  useState,
} from "react";
import { formatCount } from "@/data/text/format";
import type { EarlyText } from "@/ui/keys/early-keys";
import { isMod, KeyHint } from "@/ui/keys/key-hint";
import { Icon } from "@/ui/signs/icons";
import { StateIcon } from "@/ui/signs/state-icon";
import { Marked } from "@/ui/text/marked";
import { useEntries } from "./entries";
import type { Entry, EntryGroup } from "./entry";
import "./palette.css";

interface PaletteProps {
  readonly typedBefore: RefObject<EarlyText>;
  onClose(): void;
  onShortcuts(): void;
}

export function Palette({ typedBefore, onClose, onShortcuts }: PaletteProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Modal.Root
      opened={isOpen}
      onClose={() => setOpen(false)}
      onExitTransitionEnd={onClose}
      centered={false}
      yOffset="12vh"
      size={640}
    >
      <Modal.Overlay />
      <Modal.Content className="palette" aria-label="Search or jump to">
        <Modal.Body>
          <Finder typedBefore={typedBefore} onDone={() => setOpen(false)} onShortcuts={onShortcuts} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface FinderProps {
  readonly typedBefore: RefObject<EarlyText>;
  onDone(): void;
  onShortcuts(): void;
}

function Finder({ typedBefore, onDone, onShortcuts }: FinderProps) {
  const [typed, setTyped] = useState(() => typedBefore.current.text);
  // an id and not a place: what is found may come before the mark
  const [marked, setMarked] = useState<string | null>(null);
  /** Enter was pressed before it was known what there is. */
  const [isEntered, setEntered] = useState(() => typedBefore.current.isEntered);
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const { groups, isLooking } = useEntries(typed, onShortcuts);
  const entries = groups.flatMap((group) => group.entries);
  const markedIndex = entries.findIndex((entry) => entry.id === marked);
  const active = markedIndex < 0 ? Math.min(0, entries.length - 1) : markedIndex;
  useEffect(() => {
    list.current?.querySelectorAll("[role='option']")[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);

  const choose = (entry: Entry | undefined) => {
    if (!entry) return;
    onDone();
    entry.choose();
  };
  const enter = useEffectEvent(() => {
    setEntered(false);
    choose(entries[0]);
  });
  useEffect(() => {
    if (isEntered && !isLooking) enter();
  }, [isEntered, isLooking]);
  const onKey = (event: KeyboardEvent) => {
    const { key } = event;
    const step = key === "ArrowDown" ? 1 : key === "ArrowUp" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setEntered(false);
      setMarked(entries[(active + step + entries.length) % entries.length]?.id ?? null);
    } else if (key === "Enter") {
      event.preventDefault();
      if (isMod(event)) choose(entries.find((entry) => entry.keys === "mod+enter"));
      else if (markedIndex < 0) setEntered(true);
      else choose(entries[active]);
    }
  };
  let index = -1;
  return (
    <>
      <div className="palette-field">
        <Icon name="search" isSmall />
        <input
          type="text"
          role="combobox"
          aria-label="Search or jump to"
          aria-expanded="true"
          aria-controls={id}
          aria-autocomplete="list"
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          placeholder="Runs, metrics, projects, pages, actions"
          // biome-ignore lint/a11y/noAutofocus: the palette is this field
          autoFocus
          data-autofocus
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setMarked(null);
            setEntered(false);
          }}
          onKeyDown={onKey}
        />
        <KeyHint keys="esc" />
      </div>
      <div className="palette-list" role="listbox" id={id} aria-label="What was found" ref={list}>
        {groups.map((group) => (
          <Fragment key={group.name}>
            <div role="group" aria-label={group.name}>
              <div className="head" aria-hidden="true">
                {group.name}
                {group.nMatching !== undefined && group.nMatching > nListed(group) && (
                  <span className="meta tn">
                    {formatCount(nListed(group))} of {formatCount(group.nMatching)}
                  </span>
                )}
              </div>
              {group.entries.map((entry) => {
                index += 1;
                const entryIndex = index;
                return (
                  <EntryRow
                    key={entry.id}
                    id={`${id}-${entryIndex}`}
                    entry={entry}
                    isActive={entryIndex === active}
                    onPoint={() => setMarked(entry.id)}
                    onChoose={() => choose(entry)}
                  />
                );
              })}
            </div>
          </Fragment>
        ))}
      </div>
      {entries.length === 0 && (
        <div className="palette-none" role="status">
          {isLooking ? "Looking…" : `Nothing is called ${typed}`}
        </div>
      )}
    </>
  );
}

/** Of the runs or metrics of a group, without entries that lead to more of them. */
function nListed({ entries }: EntryGroup): number {
  return entries.filter(({ isWay }) => !isWay).length;
}

interface EntryRowProps {
  readonly id: string;
  readonly entry: Entry;
  readonly isActive: boolean;
  onPoint(): void;
  onChoose(): void;
}

function EntryRow({ id, entry, isActive, onPoint, onChoose }: EntryRowProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={`option ${isActive ? "hov" : ""}`}
      // as the list moves below a pointer that rests, nothing is chosen by it
      onPointerMove={onPoint}
      onClick={onChoose}
    >
      {entry.run ? <RunDot color={entry.run.color} /> : <Icon name={entry.icon} isSmall />}
      <span className="ell name">
        <Marked text={entry.label} spans={entry.spans} />
      </span>
      {entry.run && <StateIcon state={entry.run.state} />}
      {entry.meta && <span className="muted ell">{entry.meta}</span>}
      <span className="end">
        {isActive ? <KeyHint keys={entry.keys ?? "enter"} /> : entry.keys && <KeyHint keys={entry.keys} />}
      </span>
    </div>
  );
}

function RunDot({ color }: { color: number }) {
  return (
    <span className="dot-place">
      <span className="sw-dot" style={{ background: `var(--w-run-${color})` }} />
    </span>
  );
}
