/** The run sets and panels of a grid. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { Grid, RunSet } from "@/data/report/document";
import { viewOfRuns } from "@/data/report/grid";
import { readReport } from "@/data/report/read";
import { KIND_NAMES, type PanelKind } from "@/data/view/panel-kinds";
import { FIRST_VIEW } from "@/data/view/view";
import { Select } from "@/ui/controls/select";
import { Combobox } from "@/ui/fields/combobox";
import { TextField } from "@/ui/fields/field";
import { useSettled } from "@/ui/hooks/use-settled";
import { Icon } from "@/ui/signs/icons";
import { FilterButton } from "../../../runs/filter/filter-button";
import { createViewStore, NO_BASE } from "../../../view/held-view";
import { ViewStoreProvider } from "../../../view/view-store";
import { newId } from "../schema/fill";
import { type Members, useSession } from "../session";

interface GridFieldsProps {
  readonly members: Members;
  onChange(part: Members): void;
}

type Parts = Readonly<Record<string, Members>>;

function partsOf(members: Members, name: string): Parts {
  const parts = members[name];
  return typeof parts === "object" && parts !== null ? (parts as Parts) : {};
}

/** The ids in the order in which readers see them. */
function orderOf(members: Members, name: string, order: string): readonly string[] {
  const parts = partsOf(members, name);
  const listed = Array.isArray(members[order]) ? (members[order] as unknown[]) : [];
  const first = listed.filter((id): id is string => typeof id === "string" && Object.hasOwn(parts, id));
  return [...new Set([...first, ...Object.keys(parts).sort()])];
}

export default function GridFields({ members, onChange }: GridFieldsProps) {
  const grid = useMemo(() => {
    const [block] = readReport({ blocks: [{ ...members, kind: "grid", id: "grid" }] }).blocks;
    return block as Grid & { readonly id: string };
  }, [members]);
  const runSets = partsOf(members, "runSets");
  const setIds = orderOf(members, "runSets", "runSetOrder");
  const changeSet = (id: string, part: Members) =>
    onChange({ runSets: { ...runSets, [id]: { ...runSets[id], ...part } } });
  return (
    <div className="object-fields">
      <b>Runs</b>
      {grid.runSets.map((set) => (
        <RunSetFields
          key={set.id}
          set={set}
          onChange={(part) => changeSet(set.id, part)}
          onRemove={
            setIds.length > 1
              ? () =>
                  onChange({
                    runSets: Object.fromEntries(Object.entries(runSets).filter(([id]) => id !== set.id)),
                  })
              : null
          }
        />
      ))}
      <button
        type="button"
        className="btn sm"
        onClick={() => {
          const id = newId();
          onChange({ runSets: { ...runSets, [id]: { name: "" } }, runSetOrder: [...setIds, id] });
        }}
      >
        <Icon name="plus" isSmall /> Run set
      </button>
      <PanelFields members={members} onChange={onChange} />
    </div>
  );
}

interface RunSetFieldsProps {
  readonly set: RunSet;
  readonly onRemove: (() => void) | null;
  onChange(part: Members): void;
}

/** The filter is edited as in a workspace: a view holds it, and what changes there goes to the document. */
function RunSetFields({ set, onRemove, onChange }: RunSetFieldsProps) {
  const { project } = useSession();
  const [store] = useState(() => createViewStore({ ...FIRST_VIEW, ...viewOfRuns(set) }, NO_BASE));
  const { filter } = set;
  useEffect(() => {
    if (store.getState().view.filter !== filter) store.set({ filter });
  }, [store, filter]);
  useEffect(
    () =>
      store.subscribe(({ view }, { view: before }) => {
        if (view.filter !== before.filter && view.filter !== filter) onChange({ filter: view.filter });
      }),
    [store, filter, onChange],
  );
  const ref = useMemo(() => {
    const [entity, name] = set.project?.split("/") ?? [];
    return entity && name ? { entity, project: name } : project;
  }, [set.project, project]);
  return (
    <ViewStoreProvider store={store}>
      <div className="run-set-fields">
        <TextField
          label="Name of the run set"
          isBare
          placeholder="Name: all runs"
          value={set.name}
          onChange={(name) => onChange({ name })}
        />
        <FilterButton project={ref} runs={null} look="icon" />
        {onRemove && (
          <button type="button" className="btn q ico" aria-label="Remove the run set" onClick={onRemove}>
            <Icon name="trash" isSmall />
          </button>
        )}
      </div>
    </ViewStoreProvider>
  );
}

/** Those that metrics alone decide; others come from a workspace or a script. */
const ADDED_KINDS = ["line", "bar", "scalar", "scatter", "histogram"] as const satisfies readonly PanelKind[];
const MOST_METRICS = 30;

function PanelFields({ members, onChange }: GridFieldsProps) {
  const { project } = useSession();
  const panels = partsOf(members, "panels");
  const ids = orderOf(members, "panels", "panelOrder");
  const [kind, setKind] = useState<(typeof ADDED_KINDS)[number]>("line");
  const [text, setText] = useState("");
  const [keys, setKeys] = useState<readonly string[]>([]);
  const { data: metrics = [], isPending } = useQuery(
    metricSearchQuery(project, useSettled(text.trim()), false, MOST_METRICS),
  );
  const add = (names: readonly string[]) => {
    if (names.length === 0) return;
    const id = newId();
    onChange({
      panels: { ...panels, [id]: { kind, keys: names, span: ids.length === 0 ? 12 : 6 } },
      panelOrder: [...ids, id],
    });
    setKeys([]);
    setText("");
  };
  const move = (id: string, by: -1 | 1) => {
    const at = ids.indexOf(id);
    const order = ids.filter((other) => other !== id);
    order.splice(at + by, 0, id);
    onChange({ panelOrder: order });
  };
  return (
    <>
      <b>Panels</b>
      <ul className="panel-list" aria-label="Panels">
        {ids.map((id, i) => {
          const panel = panels[id] ?? {};
          const name = nameOf(panel);
          return (
            <li key={id}>
              <span className="ell">{name}</span>
              <Select
                label={`Width of ${name}`}
                value={String(panel.span ?? 6)}
                options={SPANS}
                isSmall
                isQuiet
                onChange={(span) =>
                  onChange({ panels: { ...panels, [id]: { ...panel, span: Number(span) } } })
                }
              />
              <button
                type="button"
                className="btn q sm ico"
                aria-label={`Move ${name} before the one before`}
                disabled={i === 0}
                onClick={() => move(id, -1)}
              >
                <Icon name="up" isSmall />
              </button>
              <button
                type="button"
                className="btn q sm ico"
                aria-label={`Move ${name} behind the next one`}
                disabled={i === ids.length - 1}
                onClick={() => move(id, 1)}
              >
                <Icon name="down" isSmall />
              </button>
              <button
                type="button"
                className="btn q sm ico"
                aria-label={`Remove ${name}`}
                onClick={() =>
                  onChange({
                    panels: Object.fromEntries(Object.entries(panels).filter(([other]) => other !== id)),
                    panelOrder: ids.filter((other) => other !== id),
                  })
                }
              >
                <Icon name="x" isSmall />
              </button>
            </li>
          );
        })}
      </ul>
      <div className="panel-adding">
        <Select
          label="Kind of the new panel"
          value={kind}
          options={ADDED_KINDS.map((value) => ({ value, label: KIND_NAMES[value].title }))}
          onChange={setKind}
        />
        <Combobox
          label="Metric of the new panel"
          text={text}
          placeholder={keys.length === 0 ? "Metric" : "One more metric"}
          suggestions={metrics.filter(({ key }) => !keys.includes(key)).map(({ key }) => ({ value: key }))}
          isLoading={isPending}
          isMono
          marksFirst
          width="100%"
          onText={setText}
          onChoose={(name) => {
            setKeys([...keys, name]);
            setText("");
          }}
        />
        <button
          type="button"
          className="btn"
          disabled={keys.length === 0 && text.trim() === ""}
          onClick={() => add(keys.length > 0 ? keys : [text.trim()])}
        >
          Add panel
        </button>
      </div>
      {keys.length > 0 && <p className="meta">Of {keys.join(", ")}</p>}
    </>
  );
}

const SPANS = [
  { value: "3", label: "A quarter" },
  { value: "4", label: "A third" },
  { value: "6", label: "Half" },
  { value: "8", label: "Two thirds" },
  { value: "12", label: "Whole width" },
];

function nameOf({ title, keys, kind }: Members): string {
  if (typeof title === "string" && title !== "") return title;
  if (Array.isArray(keys) && keys.length > 0) return keys.join(", ");
  return typeof kind === "string" && Object.hasOwn(KIND_NAMES, kind)
    ? KIND_NAMES[kind as PanelKind].title
    : String(kind ?? "Panel");
}
