import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { contentQuery, type MediaFile, type MediaLayer } from "@/api/files/media";
import { boxText, drawnBoxes, type ImageSize, onImage, readBoxes } from "@/data/media/layers/boxes";
import { classColor } from "@/data/media/layers/classes";
import type { Stroke } from "@/data/media/layers/strokes";
import type { MediaOptions } from "../options";
import { LayerFault } from "./layer-fault";

/** The most boxes drawn, from the first on: more would cover the image. */
const MOST_BOXES = 500;
/** Roughly the parts of the image's height and width that a text takes. */
const TEXT_ROOM = 0.06;
const TEXT_WIDTH = 0.2;

export function boxesQuery(file: MediaFile) {
  return contentQuery<unknown>(file, "json", (answer) => answer.json());
}

interface BoxLayerProps {
  readonly layer: MediaLayer;
  readonly size: ImageSize | null;
  readonly stroke: Stroke;
  readonly options: MediaOptions;
  /** Whether there is room for the text of a box; otherwise it appears on hover. */
  readonly hasText: boolean;
}

export function BoxLayer({ layer, size, stroke, options, hasText }: BoxLayerProps) {
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
        const sides = [isLow && "low", isAtEdge && "in", area.x > 1 - TEXT_WIDTH && "end"];
        return (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no names
            key={i}
            className="media-bbox"
            title={`${layer.name}: ${boxText(box)}`}
            style={{
              left: percent(area.x),
              top: percent(area.y),
              width: percent(area.width),
              height: percent(area.height),
              borderStyle: stroke,
              color: `var(--w-run-${classColor(box.id)})`,
            }}
          >
            {hasText && boxText(box) !== "" && (
              <span className={sides.filter(Boolean).join(" ")}>{boxText(box)}</span>
            )}
          </span>
        );
      })}
    </span>
  );
}
