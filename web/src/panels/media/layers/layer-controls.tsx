/** Which boxes and masks are drawn: layers, classes, least scores, and how strong masks are. */

import { useQueries } from "@tanstack/react-query";
import { useMemo } from "react";
import type { MediaLayer } from "@/api/files/media";
import { type Box, countByClass, readBoxes, scoreChoice, scoreRanges } from "@/data/media/layers/boxes";
import { classColor, classOf, isBackground, toggled } from "@/data/media/layers/classes";
import { isTruth, layerStrokes } from "@/data/media/layers/strokes";
import { formatFixed } from "@/data/text/format";
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
  readonly groups: readonly MediaGroup[];
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
  /** Number of drawn boxes of the class; null: only masks have it. */
  readonly n: number | null;
}

function LayerControls({ groups, options, onOptions }: LayerControlsProps) {
  const layers = useMemo(
    () => groups.flatMap(({ items }) => items.slice(0, options.nItems).flatMap((item) => item.layers)),
    [groups, options.nItems],
  );
  const boxes = useBoxes(layers);
  const names = useMemo(() => inNaturalOrder([...new Set(layers.map(({ name }) => name))]), [layers]);
  const keys = useMemo(() => layerKeys(layers), [layers]);
  const { hasBackground, minScores } = options;
  const classes = useMemo(
    () => classesOf(layers, countByClass(boxes, minScores), hasBackground),
    [layers, boxes, minScores, hasBackground],
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
      {classes.length > 0 && <h3>Classes</h3>}
      {classes.map(({ id, label, n }) => {
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
            <i style={{ background: `var(--w-run-${classColor(id)})` }} />
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
  return (
    <div className="f">
      <span className="ell" title={`Boxes with a lower ${name} are not drawn`}>
        {name} from
      </span>
      <span className="grow" />
      <Slider
        label={`Least ${name}`}
        min={lo}
        max={hi}
        step={(hi - lo) / SCORE_PARTS}
        value={chosen ?? lo}
        format={(value) => formatFixed(value, 2)}
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
  const version = answers.map(({ dataUpdatedAt }) => dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers change when `version` does
  return useMemo(() => answers.flatMap(({ data }) => (data ? readBoxes(data, UNIT) : [])), [version]);
}

/** Classes of masks without names are only in their pixels. */
function canHaveBackground({ kind, class_labels: labels }: MediaLayer): boolean {
  const background = labels[0];
  if (kind !== "mask") return false;
  return background === undefined ? Object.keys(labels).length === 0 : isBackground(0, background);
}

/** The classes that can be drawn. */
function classesOf(
  layers: readonly MediaLayer[],
  counts: ReturnType<typeof countByClass>,
  hasBackground: boolean,
): KnownClass[] {
  const classes = new Map<string, KnownClass>();
  for (const { class_labels: labels } of layers) {
    for (const [number, label] of Object.entries(labels)) {
      if (isBackground(Number(number), label) && !hasBackground) continue;
      const name = classOf(Number(number), label);
      if (!classes.has(name)) classes.set(name, { id: Number(number), label: name, n: null });
    }
  }
  for (const [label, { id, n }] of counts) classes.set(label, { id: classes.get(label)?.id ?? id, label, n });
  return [...classes.values()].sort((a, b) => a.id - b.id || a.label.localeCompare(b.label));
}

function withScore(scores: Readonly<Record<string, number>>, name: string, least: number | null) {
  const { [name]: _, ...others } = scores;
  return least === null ? others : { ...others, [name]: least };
}
