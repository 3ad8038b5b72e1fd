/** A sound: its controls, and its outline, in which a click plays from there. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { contentQuery, type MediaFile } from "@/api/files/media";
import { onTokensChange, token } from "@/charts/tokens";
import { type Peaks, peaksOf } from "@/data/media/peaks";
import { useInView } from "../../frame/use-in-view";
import { nameOf } from "../grid/media-groups";
import { ContentFault } from "./content-fault";
import type { ContentProps } from "./content-props";

/** Longer ones take too much memory when they are decoded; they can be played all the same. */
const MOST_BYTES = 16 * 2 ** 20;
const COLUMNS = 600;
const HEIGHT_PX = 44;
/** Any; a sound is decoded to it. */
const SAMPLE_RATE = 16_000;

function peaksQuery(file: MediaFile) {
  return contentQuery(file, "peaks", async (answer): Promise<Peaks | null> => {
    const context = new OfflineAudioContext(1, 1, SAMPLE_RATE);
    try {
      const sound = await context.decodeAudioData(await answer.arrayBuffer());
      const channels = Array.from({ length: sound.numberOfChannels }, (_, i) => sound.getChannelData(i));
      return peaksOf(channels, COLUMNS);
    } catch {
      return null; // then the player tries it
    }
  });
}

export default function AudioContent({ item }: ContentProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const isInView = useInView(box);
  const [part, setPart] = useState(0);
  const [isUnplayable, setUnplayable] = useState(false);
  const { data: peaks } = useQuery({
    ...peaksQuery(item.file),
    enabled: item.file.n_bytes <= MOST_BYTES,
  });
  if (isUnplayable)
    return (
      <ContentFault
        item={item}
        reason="The browser can't play this sound: it is malformed, or of a kind that the browser lacks."
      />
    );
  return (
    <div className="media-audio" ref={box}>
      {peaks && (
        <Outline
          peaks={peaks}
          part={part}
          onPart={(next) => {
            const element = audio.current;
            if (!element) return;
            // its length is known once it has begun to load
            const seek = () => {
              element.currentTime = next * element.duration;
              setPart(next);
            };
            if (Number.isFinite(element.duration)) return seek();
            element.addEventListener("loadedmetadata", seek, { once: true });
            element.load();
          }}
        />
      )}
      {/* biome-ignore lint/a11y/useMediaCaption: there is no text of it */}
      <audio
        ref={audio}
        className="media-sound"
        src={item.file.url}
        controls
        // its length; a browser has few players, so those out of view wait
        preload={isInView ? "metadata" : "none"}
        onError={() => setUnplayable(true)}
        aria-label={nameOf(item)}
        onTimeUpdate={({ currentTarget: { currentTime, duration } }) =>
          duration > 0 && setPart(currentTime / duration)
        }
      />
    </div>
  );
}

interface OutlineProps {
  readonly peaks: Peaks;
  /** How much has been played, from 0 to 1. */
  readonly part: number;
  onPart(part: number): void;
}

function Outline({ peaks, part, onPart }: OutlineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const draw = () => {
      element.width = COLUMNS;
      element.height = HEIGHT_PX * 2;
      const middle = element.height / 2;
      const played = part * COLUMNS;
      for (let x = 0; x < COLUMNS; x++) {
        context.fillStyle = token(x < played ? "accent" : "muted");
        const top = middle - peaks.hi[x]! * middle;
        context.fillRect(x, top, 1, Math.max(1, (peaks.hi[x]! - peaks.lo[x]!) * middle));
      }
    };
    draw();
    return onTokensChange(draw);
  }, [peaks, part]);
  return (
    <canvas
      ref={canvas}
      className="media-outline"
      style={{ height: HEIGHT_PX }}
      onClick={({ clientX, currentTarget }) => {
        const { left, width } = currentTarget.getBoundingClientRect();
        onPart((clientX - left) / width);
      }}
    />
  );
}
