import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { contentQuery, type MediaFile, type MediaLayer } from "@/api/files/media";
import { boxText, drawnBoxes, type ImageSize, onImage, readBoxes } from "@/data/media/layers/boxes";
import { boxColor, type ClassColors } from "@/data/media/layers/classes";
import type { Stroke } from "@/data/media/layers/strokes";
import type { MediaOptions } from "../options";
import { LayerFault } from "./layer-fault";

/** The most boxes drawn, from the first on: more would cover the image. */
const MOST_BOXES = 500;
/** Roughly the parts of a small image's height and width that a text and each of its letters take. */
const TEXT_ROOM = 0.06;
const LETTER_WIDTH = 0.018;

export function boxesQuery(file: MediaFile) {
  return contentQuery<unknown>(file, "json", (answer) => answer.json());
}

interface BoxLayerProps {
  readonly layer: MediaLayer;
  readonly size: ImageSize | null;
  readonly stroke: Stroke;
  readonly options: MediaOptions;
  readonly colors: ClassColors;
  /** Whether there is room for the text of a box; otherwise it appears on hover. */
  readonly hasText: boolean;
}

export function BoxLayer({ layer, size, stroke, options, colors, hasText }: BoxLayerProps) {
  const { data, error } = useQuery(boxesQuery(layer.file));
  const boxes = useMemo(
    () => drawnBoxes(readBoxes(data, size), options).slice(0, MOST_BOXES),
    [data, size, options],
  );
  if (error) return <LayerFault name={layer.name} reason={error.message} />;
  const percent = (part: number) => `${part * 100}%`;
  return (
    <span className="media-boxes" aria-hidden="true">
      {boxes.map((box, i) => {
        const area = onImage(box);
        if (!area) return null;
        // texts of layers that lie over each other are at opposite edges
        const isLow = stroke !== "solid";
        const isAtEdge = isLow ? area.y + area.height > 1 - TEXT_ROOM : area.y < TEXT_ROOM;
        const text = boxText(box);
        const sides = [isLow && "low", isAtEdge && "in", isAtEnd(area, text) && "end"];
        return (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no names
            key={i}
            className="media-bbox"
            title={`${layer.name}: ${text}`}
            style={{
              left: percent(area.x),
              top: percent(area.y),
              width: percent(area.width),
              height: percent(area.height),
              borderStyle: stroke,
              color: `var(--w-run-${boxColor(colors, box)})`,
            }}
          >
            {hasText && text !== "" && <span className={sides.filter(Boolean).join(" ")}>{text}</span>}
          </span>
        );
      })}
    </span>
  );
}

/** Whether a box's text ends where the box does: from its left edge it would reach beyond the image. */
function isAtEnd({ x, width }: { readonly x: number; readonly width: number }, text: string): boolean {
  return x + text.length * LETTER_WIDTH > 1 && x + width > 1 - x;
}
