/**
 * Asks for the media of the steps next to the shown one, so that they are there when the slider comes to them.
 */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { type MediaSeries, mediaQuery } from "@/api/media";
import type { ProjectRef } from "@/api/types";

/** From the shown step, in the list of steps. */
const AHEAD = [1, -1, 2] as const;
/** Of a step, at most. */
const MOST_IMAGES = 48;
/** Images that are held, so that the browser keeps them decoded. */
const MOST_HELD = AHEAD.length * MOST_IMAGES;

interface StepsAhead {
  readonly project: ProjectRef;
  readonly ids: readonly string[];
  readonly keys: readonly string[];
  readonly live: readonly string[];
  readonly steps: readonly number[];
  /** The place of the shown step. */
  readonly at: number;
  /** Whether the media of the shown step are there: those of others wait for them. */
  readonly isReady: boolean;
}

export function useStepsAhead({ project, ids, keys, live, steps, at, isReady }: StepsAhead): void {
  const client = useQueryClient();
  const held = useRef<HTMLImageElement[]>([]);
  useEffect(() => {
    if (!isReady) return;
    let isWanted = true;
    const ask = async () => {
      for (const step of AHEAD.flatMap((places) => steps[at + places] ?? [])) {
        // a step that can't be read says so when it is chosen
        const series = await client.fetchQuery(mediaQuery(project, ids, keys, step, live)).catch(() => []);
        if (!isWanted) return;
        held.current = [...held.current, ...imagesOf(series)].slice(-MOST_HELD);
      }
    };
    void ask();
    return () => {
      isWanted = false;
    };
  }, [client, project, ids, keys, live, steps, at, isReady]);
}

function imagesOf(series: readonly MediaSeries[]): HTMLImageElement[] {
  const urls = series.flatMap(({ items }) =>
    items.flatMap(({ kind, file }) => (kind === "image" && file.state === "stored" ? [file.url] : [])),
  );
  return urls.slice(0, MOST_IMAGES).map((url) => {
    const image = new Image();
    image.src = url;
    image.decode().catch(() => undefined);
    return image;
  });
}
