/**
 * A mask over an image: each class in its colour, on a canvas of the mask's size.
 */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { contentQuery, type MediaFile, type MediaLayer } from "@/api/files/media";
import { onTokensChange, runRgb } from "@/charts/tokens";
import { classColor, classOf, isBackground, isClassOn } from "@/data/media/layers/classes";
import type { MediaOptions } from "../options";
import { LayerFault } from "./layer-fault";
import { type ColorOf, decodeMask, paintMask } from "./mask";

function maskQuery(file: MediaFile) {
  return contentQuery(file, "mask", async (answer) => {
    const mask = await decodeMask(new Uint8Array(await answer.arrayBuffer()));
    if (!mask) throw new Error(`${file.path} is no gray PNG of 8 or 16 bits`);
    return mask;
  });
}

interface MaskLayerProps {
  readonly layer: MediaLayer;
  readonly options: MediaOptions;
  /** Only the edges of its classes are painted, over another mask that is filled. */
  readonly isOutline: boolean;
}

export function MaskLayer({ layer, options, isOutline }: MaskLayerProps) {
  const { data: mask, error } = useQuery(maskQuery(layer.file));
  const canvas = useRef<HTMLCanvasElement>(null);
  const { class_labels: labels } = layer;
  const { hasBackground } = options;
  const off = options.offClasses.join("\n");
  useEffect(() => {
    const element = canvas.current;
    if (!element || !mask) return;
    const hasLabels = Object.keys(labels).length > 0;
    const choice = { offClasses: off.split("\n") };
    const colorOf: ColorOf = (id) => {
      const label = labels[id];
      if (hasLabels && label === undefined) return null;
      if (isBackground(id, label ?? "") && !hasBackground) return null;
      if (!isClassOn(choice, classOf(id, label ?? ""))) return null;
      const [red, green, blue] = runRgb(classColor(id));
      return [red * 255, green * 255, blue * 255];
    };
    const paint = () => {
      element.width = mask.width;
      element.height = mask.height;
      const pixels = new ImageData(paintMask(mask, colorOf, isOutline), mask.width, mask.height);
      element.getContext("2d")?.putImageData(pixels, 0, 0);
    };
    paint();
    return onTokensChange(paint);
  }, [mask, labels, off, hasBackground, isOutline]);
  if (error) return <LayerFault name={layer.name} reason={error.message} />;
  return (
    <canvas
      ref={canvas}
      className="media-mask"
      style={{ opacity: isOutline ? Math.min(1, 2 * options.opacity) : options.opacity }}
    />
  );
}
