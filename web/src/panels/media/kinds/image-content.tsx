/** An image in its box, with the boxes and masks over it. */

import { useMemo, useState } from "react";
import type { ImageSize } from "@/data/media/layers/boxes";
import { classColors } from "@/data/media/layers/classes";
import { isTruth, layerStrokes } from "@/data/media/layers/strokes";
import { inNaturalOrder } from "@/data/text/natural-order";
import { nameOf } from "../grid/media-groups";
import { BoxLayer } from "../layers/box-layer";
import { LayerFault } from "../layers/layer-fault";
import { MaskLayer } from "../layers/mask-layer";
import type { ContentProps } from "./content-props";

/** Smaller images are shown with their pixels, and not blurred. */
const TINY_PX = 100;
/** By state of a file without a content. */
const WHY = { awaited: "it was not sent yet", failed: "there is no content", deleted: "it was deleted" };
/** Images of this size or more have room for the names at their boxes. */
const TEXT_PX = 220;

export default function ImageContent({ item, options, isLarge }: ContentProps) {
  const { file, layers } = item;
  // of images whose row does not say their size
  const [natural, setNatural] = useState<ImageSize | null>(null);
  const size = item.width && item.height ? { width: item.width, height: item.height } : natural;
  const ratio = size ? size.width / size.height : 1;
  // as large as its box allows, so that what lies over it is exactly over it
  const style = { aspectRatio: ratio, width: `min(100cqw, 100cqh * ${ratio})` };
  const colors = useMemo(() => classColors(layers), [layers]);
  const isTiny = size !== null && Math.max(size.width, size.height) < TINY_PX;
  // boxes lie over masks
  const drawn = layers
    .filter(({ name }) => !options.offLayers.includes(name))
    .sort((a, b) => b.kind.localeCompare(a.kind));
  const masks = drawn.filter(({ kind }) => kind === "mask");
  const strokes = layerStrokes(
    inNaturalOrder(layers.filter(({ kind }) => kind === "boxes").map(({ name }) => name)),
  );
  return (
    <span className="media-fit" style={style}>
      <img
        className={isTiny ? "tiny" : ""}
        src={file.url}
        alt={nameOf(item)}
        loading={isLarge ? "eager" : "lazy"}
        decoding="async"
        draggable={false}
        onLoad={({ currentTarget: { naturalWidth: width, naturalHeight: height } }) =>
          width > 0 && height > 0 && setNatural({ width, height })
        }
      />
      {drawn.map((layer) =>
        layer.file.state !== "stored" ? (
          <LayerFault
            key={`${layer.kind} ${layer.name}`}
            name={layer.name}
            reason={layer.file.error ?? WHY[layer.file.state]}
          />
        ) : layer.kind === "mask" ? (
          <MaskLayer
            key={`mask ${layer.name}`}
            layer={layer}
            options={options}
            colors={colors}
            isOutline={isTruth(layer.name) && masks.some(({ name }) => !isTruth(name))}
          />
        ) : (
          <BoxLayer
            key={`boxes ${layer.name}`}
            layer={layer}
            size={size}
            stroke={strokes.get(layer.name) ?? "solid"}
            options={options}
            colors={colors}
            hasText={isLarge || options.size >= TEXT_PX}
          />
        ),
      )}
    </span>
  );
}
