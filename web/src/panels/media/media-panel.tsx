/**
 * Images and other media of the shown runs at one step: a grid, a slider for the step, and one over the page.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { memo, useEffect, useMemo, useRef, useState } from "react";
import { type MediaSeries, mediaQuery, mediaStepsQuery } from "@/api/files/media";
import { stepText } from "@/data/media/steps";
import { formatNoun } from "@/data/text/format";
import { IconButton } from "@/ui/controls/icon-button";
import { useStable } from "@/ui/hooks/use-stable";
import { PanelFrame, type PanelState, staleOf, stateOf, usePanelBox } from "../frame/panel-frame";
import type { PanelProps } from "../panel-props";
import { FirstRunsFlag } from "./first-runs-flag";
import { MediaGrid } from "./grid/media-grid";
import type { MediaGroup, MediaSpot } from "./grid/media-groups";
import { togglePlay, videosIn } from "./kinds/videos";
import { LayersButton, LayersSide } from "./layers/layer-controls";
import { LayoutEntry, LayoutTools } from "./layout-choice";
import { mediaState } from "./media-state";
import { type MediaOptions, mediaOptions } from "./options";
import { GridPanel } from "./over-steps/grid-panel";
import { StepBar } from "./step-bar";
import { useMediaAtStep } from "./use-media-at-step";
import { MediaViewer } from "./viewer/media-viewer";
import "./media.css";

/** So many images of a neighbouring step are loaded before anyone asks for them. */
const AHEAD_IMAGES = 48;
/** In full screen images are so many times as large. */
const FULL_SCALE = 2;

export const MediaPanel = memo(function MediaPanel(props: PanelProps) {
  return mediaOptions(props.panel).layout === "grid" ? <GridPanel {...props} /> : <GalleryPanel {...props} />;
});

function GalleryPanel(props: PanelProps) {
  const { panel, runs, step, isFull, onStep, onChange } = props;
  const box = usePanelBox(props.isFull);
  const { keys } = panel;
  const options = useMemo(() => {
    const own = mediaOptions(panel);
    return isFull ? { ...own, size: own.size * FULL_SCALE } : own;
  }, [panel, isFull]);
  const {
    ids,
    live,
    enabled,
    steps: list,
    nSteps,
    at,
    last,
    query,
    groups,
    onPlace,
  } = useMediaAtStep(props, box);
  usePrefetch(props, ids, live, list, at, enabled);
  const [open, setOpen] = useState<MediaSpot | null>(null);
  const ownSteps = useStepsOf(props, open ? groups[open.group] : undefined);
  const onOptions = useStable((part: Partial<MediaOptions>) =>
    onChange(panel.id, { options: { ...panel.options, ...part } }),
  );
  const hasLayers = groups.some(({ items }) => items.some(({ layers }) => layers.length > 0));
  const hasVideos = groups.some(({ items }) => items.some(isPlayed));
  const content = useRef<HTMLDivElement>(null);
  const stepNote = list.length > 0 ? `step ${stepText(list[at] ?? 0)}` : "";
  return (
    <PanelFrame
      of={props}
      box={box}
      metric={keys[0]}
      notes={[stepNote, groups.length > 1 ? formatNoun(groups.length, "run") : ""]}
      flags={<FirstRunsFlag nAsked={ids.length} nShown={runs.length} />}
      state={stateFor()}
      stale={staleOf(query)}
      menu={<LayoutEntry of={props} />}
      tools={<LayoutTools of={props} />}
      side={hasLayers && <LayersSide groups={groups} options={options} onOptions={onOptions} />}
    >
      <div className="media-content" ref={content}>
        <MediaGrid
          groups={groups}
          step={list[at] ?? null}
          options={options}
          hasManyKeys={keys.length > 1}
          onOpen={setOpen}
          onMove={(by) => onPlace(at + by)}
          onItems={() => onOptions({ nItems: options.nItems * 4 })}
        />
      </div>
      <StepBar
        steps={list}
        total={nSteps}
        at={at}
        isLate={query.isPlaceholderData}
        isInStep={options.isInStep}
        onPlace={onPlace}
        onInStep={(isInStep) => {
          // both keep the step that is seen
          onOptions({ isInStep });
          onStep(panel.id, step);
        }}
      >
        {hasVideos && (
          <IconButton
            icon="play"
            label="Play or pause all videos (Space); , and . show the frame before and after"
            isSmall
            onClick={() => togglePlay(videosIn(content.current))}
          />
        )}
        {hasLayers && !isFull && <LayersButton groups={groups} options={options} onOptions={onOptions} />}
      </StepBar>
      {open && (
        <MediaViewer
          groups={groups}
          spot={open}
          options={options}
          onOptions={onOptions}
          steps={list}
          at={at}
          ownSteps={ownSteps}
          isLate={query.isPlaceholderData}
          onSpot={setOpen}
          onPlace={onPlace}
        />
      )}
    </PanelFrame>
  );

  function stateFor(): PanelState {
    if (keys.length > 0 && runs.length > 0 && !last.data) return stateOf(last, null);
    return mediaState(props, query, groups.length > 0);
  }
}

/** Whether an item is a video that plays; an animation is an image. */
function isPlayed({ kind, file }: MediaSeries["items"][number]): boolean {
  return kind === "video" && file.state === "stored" && !file.media_type.startsWith("image/");
}

/** The steps at which the run of a group has something new; undefined: unknown yet, or no group. */
function useStepsOf({ project }: PanelProps, group: MediaGroup | undefined): readonly number[] | undefined {
  const runs = group ? [group.run.id] : [];
  const keys = group ? [group.key] : [];
  const { data, isPlaceholderData } = useQuery({
    ...mediaStepsQuery(project, runs, keys),
    enabled: group !== undefined,
  });
  return group && !isPlaceholderData ? data?.steps : undefined;
}

/** Asks for the steps before and after, and loads their images, so that the slider shows them at once. */
function usePrefetch(
  { project, panel }: PanelProps,
  ids: readonly string[],
  live: readonly string[],
  steps: readonly number[],
  at: number,
  enabled: boolean,
) {
  const client = useQueryClient();
  const { keys } = panel;
  useEffect(() => {
    if (!enabled) return;
    for (const next of [at + 1, at - 1]) {
      const step = steps[next];
      if (step === undefined) continue;
      const query = mediaQuery(project, ids, keys, next === steps.length - 1 ? null : step, live);
      void client.fetchQuery(query).then(loadImages, () => undefined);
    }
  }, [client, project, ids, live, keys, steps, at, enabled]);
}

function loadImages(series: readonly MediaSeries[]): void {
  const images = series.flatMap(({ items }) => items.filter(({ kind }) => kind === "image"));
  for (const { file } of images.slice(0, AHEAD_IMAGES)) if (file.url) new Image().src = file.url;
}
