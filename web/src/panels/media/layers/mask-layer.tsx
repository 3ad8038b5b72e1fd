/** A mask over an image: each class in its colour, on a canvas of the mask's size. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { contentQuery, type MediaFile, type MediaLayer } from "@/api/files/media";
import { onTokensChange, runRgb } from "@/charts/tokens";
import { type ClassColors, classColor, classOf, isBackground, isClassOn } from "@/data/media/layers/classes";
import type { MediaOptions } from "../options";
import { LayerFault } from "./layer-fault";
import { type ColorOf, decodeMask, type Mask, paintMask, paintOutline } from "./mask";

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
  readonly colors: ClassColors;
  /** Only the edges of its classes are painted, over another mask that is filled. */
  readonly isOutline: boolean;
}

export function MaskLayer({ layer, options, colors, isOutline }: MaskLayerProps) {
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
      const name = classOf(id, label ?? "");
      if (!isClassOn(choice, name)) return null;
      const [red, green, blue] = runRgb(colors.get(name) ?? classColor(id));
      return [red * 255, green * 255, blue * 255];
    };
    const paint = () => {
      const size = isOutline ? outlineSize(element, mask) : mask;
      element.width = size.width;
      element.height = size.height;
      const pixels = isOutline ? paintOutline(mask, colorOf, size) : paintMask(mask, colorOf);
      element.getContext("2d")?.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
    };
    paint();
    const unsubscribe = onTokensChange(paint);
    if (!isOutline) return unsubscribe;
    const sizes = new ResizeObserver(() => {
      const { width, height } = outlineSize(element, mask);
      if (width !== element.width || height !== element.height) paint();
    });
    sizes.observe(element);
    return () => {
      sizes.disconnect();
      unsubscribe();
    };
  }, [mask, labels, off, hasBackground, colors, isOutline]);
  if (error) return <LayerFault name={layer.name} reason={error.message} />;
  return (
    <canvas
      ref={canvas}
      className="media-mask"
      style={{ opacity: isOutline ? Math.min(1, 2 * options.opacity) : options.opacity }}
    />
  );
}

/** The size in which an outline is painted: as on the screen, at most the mask's. A smaller picture is drawn without loss. */
function outlineSize(element: HTMLCanvasElement, mask: Mask): { width: number; height: number } {
  const { width, height } = element.getBoundingClientRect();
  const pixels = (px: number, most: number) => Math.min(most, Math.max(1, Math.floor(px * devicePixelRatio)));
  return { width: pixels(width, mask.width), height: pixels(height, mask.height) };
}
