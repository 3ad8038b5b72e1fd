/** One item over the whole page: arrows go to other steps and runs, and to the others of its list. */

import { Modal } from "@mantine/core";
import { useEffect, useState } from "react";
import { baseName } from "@/data/files/base-name";
import { neighboursOf, stepText } from "@/data/media/steps";
import { formatCount } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { useStable } from "@/ui/hooks/use-stable";
import { useSwipe } from "@/ui/hooks/use-swipe";
import { KeyHint, keysText } from "@/ui/keys/key-hint";
import { Icon } from "@/ui/signs/icons";
import { RunName } from "../grid/media-grid";
import {
  followingItems,
  type MediaGroup,
  type MediaSpot,
  nameOf,
  nextItem,
  nextRun,
} from "../grid/media-groups";
import { playByKey, videosIn } from "../kinds/videos";
import { LayerLegend, LayersSide } from "../layers/layer-controls";
import type { MediaOptions } from "../options";
import { StepBar } from "../step-bar";
import { MediaStages } from "./media-stages";

/** So many side by side, or two with an edge between them. */
type Look = "1" | "2" | "3" | "4" | typeof SWIPE;

const SWIPE = "swipe";
const MOST_BESIDE = 4;
const LOOKS: readonly { readonly value: Look; readonly label: string }[] = [
  { value: "1", label: "1" },
  { value: "2", label: "2" },
  { value: "3", label: "3" },
  { value: "4", label: "4" },
  { value: SWIPE, label: "Swipe" },
];

function looksFor(nFollowing: number) {
  return LOOKS.filter(({ value }) => value === SWIPE || Number(value) <= nFollowing + 1);
}

interface MediaViewerProps {
  readonly groups: readonly MediaGroup[];
  readonly spot: MediaSpot;
  readonly options: MediaOptions;
  /** Changes the layers that are drawn; absent where they are fixed. */
  onOptions?(part: Partial<MediaOptions>): void;
  readonly steps: readonly number[];
  /** The place of the shown step. */
  readonly at: number;
  /** The steps at which the shown run has something new; absent: all. */
  readonly ownSteps?: readonly number[];
  /** Of the bar, where `steps` are other x. */
  readonly text?: string;
  /** The shown media are still of another step. */
  readonly isLate?: boolean;
  /** To another item; null closes it. */
  onSpot(spot: MediaSpot | null): void;
  onPlace(index: number): void;
}

export function MediaViewer(props: MediaViewerProps) {
  const { groups, spot, options, steps, at, text, isLate = false, onOptions, onSpot, onPlace } = props;
  const neighbours = neighboursOf(steps, props.ownSteps ?? steps, at);
  const group = groups[spot.group];
  const item = group?.items[spot.item] ?? group?.items[0];
  useEffect(() => {
    // at another step there may be fewer runs
    if (!group) onSpot(null);
  }, [group, onSpot]);
  const [look, setLook] = useState<Look>("1");
  const [isLayersOpen, setLayersOpen] = useState(false);
  const go = (next: MediaSpot | null) => next && onSpot(next);
  const goToStep = (index: number | null) => index !== null && onPlace(index);
  // a finger leads from picture to picture, the slider from step to step
  const swipe = useSwipe((by) => go(nextItem(groups, spot, by)), { isFollowed: true });
  const onKeyDown = useStable((event: KeyboardEvent) => {
    if (event.target instanceof HTMLMediaElement || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.target instanceof Element && event.target.closest("[data-own-keys]")) return;
    const isButton = event.target instanceof Element && event.target.closest("button, a, input");
    const videos = videosIn(document.querySelector(".media-viewer"));
    if (!(isButton && event.key === " ") && playByKey(videos, event.key)) {
      event.preventDefault();
      return;
    }
    const by = event.key === "ArrowLeft" || event.key === "ArrowUp" ? -1 : 1;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      if (event.shiftKey) go(nextItem(groups, spot, by));
      else goToStep(by < 0 ? neighbours.before : neighbours.after);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") go(nextRun(groups, spot, by));
    else return;
    event.preventDefault();
    // the page below has arrows, too
    event.stopPropagation();
  });
  useEffect(() => {
    document.addEventListener("keydown", onKeyDown, true);
    return () => document.removeEventListener("keydown", onKeyDown, true);
  }, [onKeyDown]);
  if (!group) return null;
  const following = followingItems(groups, spot, MOST_BESIDE - 1);
  const isImage = item?.kind === "image";
  const hasLayers = onOptions && groups.some(({ items }) => items.some(({ layers }) => layers.length > 0));
  const nBeside = look === SWIPE ? 1 : Number(look) - 1;
  const staged = [{ group, item }, ...(isImage ? following.slice(0, nBeside) : [])];
  const hasOthers =
    group.nItems > 1 || groups.some(({ run, key }) => run.id === group.run.id && key !== group.key);
  return (
    <Modal.Root opened fullScreen onClose={() => onSpot(null)}>
      <Modal.Content className="media-viewer" aria-label={item ? nameOf(item) : group.run.name}>
        <div className="media-head">
          <RunName run={group.run} />
          {item?.caption && (
            <span className="ell cap" title={item.caption}>
              {item.caption}
            </span>
          )}
          <span className="muted tn">
            {[
              group.step === null ? "" : `step ${stepText(group.step)}`,
              group.nItems > 1 ? `${formatCount(spot.item + 1)} of ${formatCount(group.nItems)}` : "",
              item?.width && item.height ? `${item.width} × ${item.height}` : "",
            ]
              .filter((part) => part !== "")
              .join(", ")}
          </span>
          <span className="grow" />
          {following.length > 0 && item?.kind === "image" && (
            // biome-ignore lint/a11y/useKeyWithClickEvents lint/a11y/noStaticElementInteractions: the arrows lead to other steps again once the pointer has chosen
            <span
              data-own-keys=""
              onClick={({ detail, target }) => detail > 0 && (target as HTMLElement).blur()}
            >
              <SegmentedControl
                label="Compare"
                value={look}
                options={looksFor(following.length)}
                onChange={setLook}
              />
            </span>
          )}
          <span className="hints muted">
            {steps.length > 1 && (
              <>
                <KeyHint keys="left" /> <KeyHint keys="right" /> step
              </>
            )}
            {item?.kind === "video" && (
              <>
                <KeyHint keys="," /> <KeyHint keys="." /> frame
              </>
            )}
          </span>
          <span className="turns">
            {groups.some(({ run }) => run.id !== group.run.id) && (
              <Turn noun="run" turns={RUN_TURNS} to={(by) => nextRun(groups, spot, by)} go={go} />
            )}
            {hasOthers && (
              <Turn noun="item" turns={ITEM_TURNS} to={(by) => nextItem(groups, spot, by)} go={go} />
            )}
          </span>
          {hasLayers && (
            <IconButton
              icon="layers"
              label="Boxes and masks"
              isOn={isLayersOpen}
              onClick={() => setLayersOpen(!isLayersOpen)}
            />
          )}
          {item?.file.url && (
            <a
              className="btn q ico"
              href={item.file.url}
              download={baseName(item.file.path)}
              aria-label="Download"
              data-tip="Download"
            >
              <Icon name="download" />
            </a>
          )}
          <IconButton icon="x" label="Close (Esc)" data-autofocus onClick={() => onSpot(null)} />
        </div>
        <div className="media-main" {...swipe}>
          <MediaStages key={item?.kind} staged={staged} isSwiped={look === SWIPE} options={options} />
          {hasLayers && isLayersOpen && (
            <aside aria-label="Boxes and masks" data-own-keys="">
              <LayersSide
                groups={groups}
                inSight={staged.flatMap((stage) => stage.item ?? [])}
                options={options}
                onOptions={onOptions}
              />
            </aside>
          )}
        </div>
        <div className="media-keys">
          <LayerLegend groups={[{ ...group, items: item ? [item] : [] }]} options={options} />
        </div>
        {steps.length > 1 && (
          <StepBar
            steps={steps}
            total={steps.length}
            at={at}
            text={text}
            isLate={isLate}
            neighbours={neighbours}
            onPlace={onPlace}
          />
        )}
      </Modal.Content>
    </Modal.Root>
  );
}

/** A button in place of keys. */
interface TurnButton {
  readonly icon: "up" | "left" | "down" | "right";
  readonly keys: string;
}

type Turns = readonly [before: TurnButton, after: TurnButton];

const RUN_TURNS: Turns = [
  { icon: "up", keys: "up" },
  { icon: "down", keys: "down" },
];
const ITEM_TURNS: Turns = [
  { icon: "left", keys: "shift+left" },
  { icon: "right", keys: "shift+right" },
];

interface TurnProps {
  readonly noun: string;
  readonly turns: Turns;
  to(by: 1 | -1): MediaSpot | null;
  go(spot: MediaSpot | null): void;
}

function Turn({ noun, turns: [before, after], to, go }: TurnProps) {
  const [previous, next] = [to(-1), to(1)];
  return (
    <span className="turn">
      <span className="muted">{noun}</span>
      <IconButton
        icon={before.icon}
        label={`The ${noun} before (${keysText(before.keys)})`}
        disabled={previous === null}
        onClick={() => go(previous)}
      />
      <IconButton
        icon={after.icon}
        label={`The next ${noun} (${keysText(after.keys)})`}
        disabled={next === null}
        onClick={() => go(next)}
      />
    </span>
  );
}
