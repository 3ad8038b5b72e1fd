/**
 * The marks of a chart in full screen: thresholds and annotations to edit, alerts and non-finite values to find.
 */

import { useState } from "react";
import { bucketText, positionText, type XAxis } from "@/charts/axis/x-axis";
import type { BuiltChart } from "@/charts/line/line-build";
import type { NonfiniteMark } from "@/charts/line/marks";
import { formatCount, formatTick } from "@/data/text/format";
import type { Mark, Panel } from "@/data/view/panel";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { Icon, type IconName } from "@/ui/signs/icons";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import type { PanelRun } from "../../panel-props";
import { MarkRows } from "../settings/marks-section";
import { LOOK_COLORS } from "./mark-words";

const MOST_AXIS_LETTERS = 16;

interface MarksListProps {
  readonly panel: Panel;
  readonly built: BuiltChart;
  /** Steps by curve id, where they are known. */
  readonly firstNonfinite: ReadonlyMap<string, number>;
  readonly runs: readonly PanelRun[];
  /** Null: they can be looked at only. */
  readonly onMarks: ((marks: readonly Mark[]) => void) | null;
  onPlaceMark(kind: Mark["kind"]): void;
  /** Shows a place of x, some room around it. */
  onGo(x: number): void;
}

export function MarksList(props: MarksListProps) {
  const { panel, built, firstNonfinite, runs, onMarks, onPlaceMark: onPlace, onGo } = props;
  const [open, setOpen] = useState<number | null>(null);
  const { marks } = panel;
  const nonfinite = built.lines.filter((line) => line.nonfinite !== null);
  const alerts = built.flags.filter((flag) => flag.look !== "plain");
  const n = marks.length + nonfinite.length + alerts.length;
  // as one meets them from left to right in the chart
  const events = [
    ...alerts.map((flag) => ({
      key: `${flag.x} ${flag.text}`,
      x: flag.x,
      color: flag.look === "ERROR" ? "var(--w-danger)" : "var(--w-warning)",
      text: flag.text,
      name: built.lines.find((line) => line.run === flag.highlightId)?.name,
      end: markText(built, flag.x),
    })),
    ...nonfinite.map((line) => ({
      key: line.id,
      x: line.nonfinite!.x,
      color: "var(--w-danger)",
      text: line.nonfinite!.label,
      name: line.name,
      end: nonfiniteText(built, line.nonfinite!, firstNonfinite.get(line.id)),
    })),
  ].sort((a, b) => a.x - b.x);
  return (
    <section className="marks" aria-label="Marks">
      <div className="h2">
        Marks
        <span className="badge">{n}</span>
        <span className="grow" />
        {onMarks && (
          <Menu
            position="top-start"
            target={
              <button type="button" className="btn q sm">
                <Icon name="plus" isSmall />
                Add
              </button>
            }
          >
            <MenuItem icon="stats" onChoose={() => onPlace("threshold")}>
              Threshold, by a click in the chart
            </MenuItem>
            <MenuItem icon="flag" onChoose={() => onPlace("annotation")}>
              Annotation, by a click in the chart
            </MenuItem>
          </Menu>
        )}
      </div>
      <div className="marks-rows">
        {marks.map((mark, i) =>
          onMarks && open === i ? (
            <MarkRows
              // biome-ignore lint/suspicious/noArrayIndexKey: marks are known by their place
              key={i}
              marks={[mark]}
              first={i}
              runs={runs}
              onMarks={([next]) => {
                onMarks(marks.flatMap((other, k) => (k !== i ? [other] : next ? [next] : [])));
                if (!next) setOpen(null);
              }}
            />
          ) : (
            <MarkLine
              // biome-ignore lint/suspicious/noArrayIndexKey: marks are known by their place
              key={i}
              icon={mark.kind === "threshold" ? "stats" : "flag"}
              color={mark.kind === "threshold" ? LOOK_COLORS[mark.look] : "var(--w-text-2)"}
              text={
                mark.kind === "threshold"
                  ? `${mark.text} ${formatTick(mark.at)}`.trim()
                  : mark.text || "no text"
              }
              end={mark.kind === "threshold" ? reached(mark, built) : markText(built, mark.at)}
              onClick={() => setOpen(i)}
            />
          ),
        )}
        <NamesBeside names={built.lines.map(({ name }) => name)}>
          {events.map(({ key, x, ...event }) => (
            <MarkLine key={key} icon="warn" {...event} onClick={() => onGo(x)} />
          ))}
        </NamesBeside>
      </div>
    </section>
  );
}

function MarkLine(props: {
  icon: IconName;
  color: string;
  text: string;
  name?: string | undefined;
  end: string;
  onClick(): void;
}) {
  return (
    <button type="button" className="mark-line" onClick={props.onClick}>
      <span style={{ color: props.color }}>
        <Icon name={props.icon} isSmall />
      </span>
      <span className={props.name === undefined ? "ell grow" : "ell"}>{props.text}</span>
      {props.name !== undefined && <MidName name={props.name} className="grow" />}
      <span className="tn muted">{props.end}</span>
    </button>
  );
}

function markText({ axis, x: [from, to] }: BuiltChart, x: number): string {
  return axis.kind === "step" ? formatCount(Math.round(x)) : positionText(named(axis), x, 0, to - from);
}

/** Without the text of an expression, which would leave no room for the names of runs. */
function named(axis: XAxis): XAxis {
  return axis.metric.length > MOST_AXIS_LETTERS ? { ...axis, metric: "" } : axis;
}

/** The step of the first nonfinite point, or else its bucket: of which of the points there it is, buckets do not know. */
function nonfiniteText(built: BuiltChart, { x, width }: NonfiniteMark, step: number | undefined): string {
  const { axis } = built;
  const span = built.x[1] - built.x[0];
  if (axis.kind !== "step") return bucketText(named(axis), x, width, span);
  if (width <= 1) return markText(built, x);
  const isFirst = step !== undefined && Math.abs(step - x) <= (width - 1) / 2;
  return isFirst ? formatCount(step) : positionText(axis, x, width, span);
}

/** Number of curves that have been at a goal, or beyond a limit. */
function reached(mark: Mark, { lines }: BuiltChart): string {
  if (mark.look === "plain" || lines.length === 0) return "";
  const isAt = (line: BuiltChart["lines"][number]) => {
    const first = line.drawn.find((v) => !Number.isNaN(v));
    if (first === undefined) return false;
    // it is reached from the side where the curve begins
    return first > mark.at ? line.drawn.some((v) => v <= mark.at) : line.drawn.some((v) => v >= mark.at);
  };
  const n = lines.filter(isAt).length;
  return `${mark.look === "goal" ? "reached" : "passed"} by ${n} of ${lines.length}`;
}
