/** Which boxes and masks are drawn: layers, classes, least scores, and how strong masks are. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { MediaItem, MediaLayer } from "@/api/files/media";
import { type Box, countByClass, readBoxes, scoreChoice, scoreRanges } from "@/data/media/layers/boxes";
import { boxColor, classColors, classOf, isBackground, toggled } from "@/data/media/layers/classes";
import { isTruth, layerStrokes } from "@/data/media/layers/strokes";
import { formatFixed, formatNoun } from "@/data/text/format";
import { inNaturalOrder } from "@/data/text/natural-order";
import { IconButton } from "@/ui/controls/icon-button";
import { Slider } from "@/ui/controls/slider";
import { Switch } from "@/ui/controls/switch";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import type { MediaGroup } from "../grid/media-groups";
import type { MediaOptions } from "../options";
import { boxesQuery } from "./box-layer";

interface LayerControlsProps {
  /** Of the panel: their layers and classes are listed. */
  readonly groups: readonly MediaGroup[];
  /** The items in sight, whose boxes are counted; absent where these are all of `groups`. */
  readonly inSight?: readonly MediaItem[];
  readonly options: MediaOptions;
  onOptions(part: Partial<MediaOptions>): void;
}

/** Of so many layers of boxes the classes are looked up; those of masks are in the rows. */
const MOST_READ = 64;
const SCORE_PARTS = 100;

export function LayersButton(props: LayerControlsProps) {
  const { offLayers, offClasses, minScores, hasBackground } = props.options;
  const isChanged = hasBackground || offLayers.length + offClasses.length + Object.keys(minScores).length > 0;
  return (
    <Popover
      label="Boxes and masks"
      width={260}
      position="top-start"
      target={<IconButton icon="layers" label="Boxes and masks" isSmall className={isChanged ? "on" : ""} />}
    >
      <LayerControls {...props} />
    </Popover>
  );
}

export function LayersSide(props: LayerControlsProps) {
  return (
    <div className="media-side">
      <LayerControls {...props} />
    </div>
  );
}

interface KnownClass {
  readonly id: number;
  readonly label: string;
  /** In which it is drawn: of images that number classes otherwise, several. */
  readonly colors: readonly number[];
  /** Number of boxes of the class that are drawn in what is in sight; null: only masks have it. */
  readonly n: number | null;
}

function LayerControls({ groups, inSight, options, onOptions }: LayerControlsProps) {
  const items = useMemo(
    () => groups.flatMap((group) => group.items.slice(0, options.nItems)),
    [groups, options.nItems],
  );
  const counted = inSight ?? items;
  // full size leads to items beyond the first ones of a list
  const listed = useMemo(() => [...new Set([...counted, ...items])], [counted, items]);
  const layers = useMemo(() => layersOf(listed), [listed]);
  const boxes = useBoxes(layers);
  const { hasBackground, minScores, offLayers } = options;
  const drawnLayers = useMemo(
    () => layersOf(counted).filter(({ name }) => !offLayers.includes(name)),
    [counted, offLayers],
  );
  const drawn = useBoxes(drawnLayers);
  const nImages = counted.filter((item) => item.layers.some(({ kind }) => kind === "boxes")).length;
  const names = useMemo(() => inNaturalOrder([...new Set(layers.map(({ name }) => name))]), [layers]);
  const keys = useMemo(() => layerKeys(layers), [layers]);
  const classes = useMemo(
    () => classesOf(listed, boxes, countByClass(drawn, minScores), hasBackground),
    [listed, boxes, drawn, minScores, hasBackground],
  );
  const ranges = useMemo(() => scoreRanges(boxes), [boxes]);
  const hasMasks = layers.some(({ kind }) => kind === "mask");
  const toggle = (field: "offLayers" | "offClasses", name: string) =>
    onOptions({ [field]: toggled(options[field], name) });
  return (
    <div className="media-layers">
      <h3>Layers</h3>
      {names.map((name) => (
        <div key={name} className="f">
          <LayerSign layerKey={keys.get(name)} />
          <span className="ell" title={name}>
            {name}
          </span>
          <span className="grow" />
          <Switch
            label={name}
            isOn={!options.offLayers.includes(name)}
            onChange={() => toggle("offLayers", name)}
          />
        </div>
      ))}
      {[...ranges].map(([name, range]) => (
        <LeastScore
          key={name}
          name={name}
          range={range}
          chosen={options.minScores[name]}
          onChoose={(least) => onOptions({ minScores: withScore(options.minScores, name, least) })}
        />
      ))}
      {hasMasks && (
        <div className="f">
          <span>Mask opacity</span>
          <span className="grow" />
          <Slider
            label="Mask opacity"
            min={0}
            max={1}
            step={0.05}
            value={options.opacity}
            format={(value) => formatFixed(value, 2)}
            onChange={(opacity) => onOptions({ opacity })}
          />
        </div>
      )}
      {layers.some(canHaveBackground) && (
        <div className="f">
          <span>Mask background</span>
          <span className="grow" />
          <Switch
            label="Mask background"
            isOn={hasBackground}
            onChange={(isOn) => onOptions({ hasBackground: isOn })}
          />
        </div>
      )}
      {classes.length > 0 && (
        <h3>
          Classes
          {classes.some(({ n }) => n !== null) && (
            <span className="muted">
              boxes in {nImages === 1 ? "this image" : formatNoun(nImages, "image")}
            </span>
          )}
        </h3>
      )}
      {classes.map(({ label, colors, n }) => {
        const isOn = !options.offClasses.includes(label);
        return (
          <button
            key={label}
            type="button"
            className="media-class"
            aria-pressed={isOn}
            onClick={() => toggle("offClasses", label)}
          >
            <Icon name={isOn ? "eye" : "eyeoff"} isSmall />
            {colors.map((color) => (
              <i key={color} style={{ background: `var(--w-run-${color})` }} />
            ))}
            <span className="ell">{label}</span>
            {n !== null && <span className="muted tn">{n}</span>}
          </button>
        );
      })}
    </div>
  );
}

/** Class names of the sign that shows the look of a layer. */
type LayerKey = string;

/** By name of a layer: the stroke of its boxes, or whether its mask is filled or an outline. */
function layerKeys(layers: readonly MediaLayer[]): ReadonlyMap<string, LayerKey> {
  const namesOf = (kind: string) =>
    inNaturalOrder([...new Set(layers.filter((layer) => layer.kind === kind).map(({ name }) => name))]);
  const masks = namesOf("mask");
  const isFilled = (name: string) => !isTruth(name) || masks.every(isTruth);
  return new Map([
    ...masks.map((name) => [name, isFilled(name) ? "filled" : "outline"] as const),
    ...layerStrokes(namesOf("boxes")),
  ]);
}

function LayerSign({ layerKey }: { layerKey: LayerKey | undefined }) {
  return <i className={`media-sign ${layerKey ?? ""}`} aria-hidden="true" />;
}

/** The layers that are drawn over some items, each with the sign of its look. */
export function LayerLegend({ groups, options }: Pick<LayerControlsProps, "groups" | "options">) {
  const layers = groups.flatMap(({ items }) => items.flatMap((item) => item.layers));
  const keys = layerKeys(layers);
  return [...keys]
    .filter(([name]) => keys.size > 1 && !options.offLayers.includes(name))
    .map(([name, layerKey]) => (
      <span key={name} className="media-key">
        <LayerSign layerKey={layerKey} />
        {name}
      </span>
    ));
}

interface LeastScoreProps {
  readonly name: string;
  /** Of the boxes. */
  readonly range: readonly [number, number];
  readonly chosen: number | undefined;
  /** Null: any score. */
  onChoose(least: number | null): void;
}

function LeastScore({ name, range, chosen, onChoose }: LeastScoreProps) {
  const choice = scoreChoice(range, chosen);
  if (choice === null) return null;
  const [lo, hi] = choice;
  const isAny = chosen === undefined || chosen <= range[0];
  return (
    <div className="f least" title={`Boxes with a lower ${name} are not drawn`}>
      <span className="ell">
        Least <span className="mono">{name}</span> of boxes
      </span>
      <Slider
        label={`Least ${name} of boxes`}
        min={lo}
        max={hi}
        step={(hi - lo) / SCORE_PARTS}
        value={chosen ?? lo}
        format={(value) => (isAny ? "any" : formatFixed(value, 2))}
        onChange={(least) => onChoose(least > range[0] ? least : null)}
      />
    </div>
  );
}

const UNIT = { width: 1, height: 1 };

/** Their classes and scores; where they stand does not matter here. */
function useBoxes(layers: readonly MediaLayer[]): readonly Box[] {
  const files = layers.filter(({ kind, file }) => kind === "boxes" && file.url).slice(0, MOST_READ);
  const answers = useQueries({ queries: files.map(({ file }) => boxesQuery(file)) });
  // files of two images may have arrived in the same millisecond
  const version = answers.map(({ dataUpdatedAt }, i) => `${files[i]?.file.url} ${dataUpdatedAt}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers change when `version` does
  return useMemo(() => answers.flatMap(({ data }) => (data ? readBoxes(data, UNIT) : [])), [version]);
}

/** Classes of masks without names are only in their pixels. */
function canHaveBackground({ kind, class_labels: labels }: MediaLayer): boolean {
  const background = labels[0];
  if (kind !== "mask") return false;
  return background === undefined ? Object.keys(labels).length === 0 : isBackground(0, background);
}

function layersOf(items: readonly MediaItem[]): MediaLayer[] {
  return items.flatMap((item) => item.layers);
}

/**
 * The classes that can be drawn.
 *
 * @param counts of the boxes in sight: classes of other ones have none
 */
function classesOf(
  items: readonly MediaItem[],
  boxes: readonly Box[],
  counts: ReturnType<typeof countByClass>,
  hasBackground: boolean,
): KnownClass[] {
  const classes = new Map<string, KnownClass>();
  for (const { layers } of items) {
    const named = classColors(layers);
    for (const { class_labels: labels } of layers) {
      for (const [number, label] of Object.entries(labels)) {
        if (isBackground(Number(number), label) && !hasBackground) continue;
        const name = classOf(Number(number), label);
        const { id = Number(number), colors = [] } = classes.get(name) ?? {};
        const color = named.get(name)!;
        if (colors.includes(color)) continue;
        classes.set(name, { id, label: name, colors: [...colors, color], n: null });
      }
    }
  }
  const namedOfImages = items.map(({ layers }) => classColors(layers));
  for (const { id, label } of boxes)
    if (id !== null) {
      const colors = [...new Set(namedOfImages.map((named) => boxColor(named, { id, label })))];
      const entry = classes.get(label) ?? { id, label, colors };
      classes.set(label, { ...entry, n: counts.get(label)?.n ?? 0 });
    }
  return [...classes.values()].sort((a, b) => a.id - b.id || a.label.localeCompare(b.label));
}

function withScore(scores: Readonly<Record<string, number>>, name: string, least: number | null) {
  const { [name]: _, ...others } = scores;
  return least === null ? others : { ...others, [name]: least };
}
