/**
 * The dialog that edits the selected runs together: names with a preview, group, job type, tags, notes, config.
 */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import type { BulkEdit as SharedEdit } from "@/api/runs/bulk";
import { columnValuesQuery } from "@/api/runs/groups";
import type { RunSet } from "@/api/runs/run-requests";
import { rowsQuery } from "@/api/runs/run-rows";
import type { ProjectRef } from "@/api/types";
import { isMissing } from "@/data/filter/tree";
import {
  type BulkForm,
  type ConfigLine,
  columnsOfNaming,
  EMPTY_FORM,
  type NewNames,
  newNames,
  presentText,
  type Renamed,
  sharedEdit,
  typedValue,
} from "@/data/runs/bulk-edit";
import { formatCount, formatNoun } from "@/data/text/format";
import { useColumnSearch } from "@/panels/settings/use-column-search";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Combobox } from "@/ui/fields/combobox";
import { Field } from "@/ui/fields/field";
import { TagsField } from "@/ui/fields/tags-field";
import { useSettled } from "@/ui/hooks/use-settled";
import { Dialog } from "@/ui/overlays/dialog";
import { NamingFields } from "./naming-fields";
import { useBulkActions } from "./use-bulk-actions";
import { useTags } from "./use-tags";
import "./bulk-edit.css";

const ALL: RunSet = { filter: "", search: "", isRegex: false };
const NOTES = [
  { value: "add", label: "Add" },
  { value: "replace", label: "Replace" },
] as const;

interface BulkEditProps {
  readonly project: ProjectRef;
  readonly ids: readonly string[];
  readonly set: RunSet;
  /** Most runs whose names are read. */
  readonly maxNames: number;
  readonly nRunning: number;
  /** A paragraph about the runs. */
  readonly note: ReactNode;
  onClosed(): void;
}

export default function BulkEdit({ project, ids, set, maxNames, nRunning, note, onClosed }: BulkEditProps) {
  const actions = useBulkActions(project);
  const [form, setForm] = useState<BulkForm>(EMPTY_FORM);
  const [isOpen, setOpen] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const formId = useId();
  const change = (part: Partial<BulkForm>) => setForm((before) => ({ ...before, ...part }));
  const needed = columnsOfNaming(form.naming).columns.join("\n");
  const settled = useSettled(needed);
  const columns = settled === "" ? [] : settled.split("\n");
  const request = { ...set, order: [], columns: ["group", "job_type", ...columns] };
  const isFew = ids.length <= maxNames;
  const rows = useQuery({
    ...rowsQuery(project, request, null, 0, maxNames),
    enabled: isFew,
    placeholderData: (before) => before,
  });
  const runs = rows.data?.rows ?? [];
  const isCurrent = rows.isSuccess && !rows.isPlaceholderData && settled === needed;
  const named = newNames(form.naming, runs);
  const shared = sharedEdit(form);
  const nChanged = shared ? ids.length : named.names.size;
  const isReady =
    nChanged > 0 && named.error === null && (form.naming.kind === "keep" || isCurrent) && !isBusy;
  const save = async () => {
    setBusy(true);
    if (await actions.edit(ids, (shared ?? {}) as SharedEdit, named.names)) setOpen(false);
    setBusy(false);
  };
  return (
    <Dialog
      title={`Edit ${formatNoun(ids.length, "run")}`}
      isOpen={isOpen}
      width={600}
      hasInput
      onClose={() => setOpen(false)}
      onClosed={onClosed}
      actions={
        <>
          {nRunning > 0 && (
            <span className="muted grow">
              {formatCount(nRunning)} of them {nRunning > 1 ? "are" : "is"} running: a script may set a value
              again.
            </span>
          )}
          <Button onClick={() => setOpen(false)}>Cancel</Button>
          <Button type="submit" form={formId} look="ink" disabled={!isReady}>
            {nChanged > 0 ? `Change ${formatNoun(nChanged, "run")}` : "Change"}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className="bulk-edit"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) void save();
        }}
      >
        {note}
        {isFew ? (
          <>
            <NamingFields
              naming={form.naming}
              error={named.error}
              onChange={(naming) => change({ naming })}
            />
            {form.naming.kind !== "keep" && named.error === null && <Preview runs={runs} named={named} />}
          </>
        ) : (
          <p className="muted">Names are edited of at most {formatCount(maxNames)} runs at once.</p>
        )}
        <div className="two">
          <ValueOfRuns
            project={project}
            column="group"
            label="Group"
            noun="groups"
            runs={runs}
            text={form.group}
            onText={(group) => change({ group })}
          />
          <ValueOfRuns
            project={project}
            column="job_type"
            label="Job type"
            noun="job types"
            runs={runs}
            text={form.jobType}
            onText={(jobType) => change({ jobType })}
          />
          <TagLists project={project} form={form} onChange={change} />
        </div>
        <NotesOfRuns notes={form.notes} onNotes={(notes) => change({ notes })} />
        <ConfigLines project={project} lines={form.config} onLines={(config) => change({ config })} />
      </form>
    </Dialog>
  );
}

const PREVIEWED = 6;

function Preview({ runs, named }: { readonly runs: readonly Renamed[]; readonly named: NewNames }) {
  const { names, nLacking, nAlike } = named;
  const shown = runs.filter(({ id }) => names.has(id)).slice(0, PREVIEWED);
  const nMore = names.size - shown.length;
  const notes = [
    nMore > 0 && `and ${formatCount(nMore)} more`,
    names.size < runs.length && `${formatNoun(runs.length - names.size, "name")} as before`,
    nLacking > 0 && `${formatNoun(nLacking, "run")} without such a value`,
    nAlike > 0 && `${formatCount(nAlike)} new names are alike`,
  ];
  return (
    <div className="names" role="group" aria-label="New names">
      <ul>
        {shown.map(({ id, name }) => (
          <li key={id}>
            <span className="ell t2" title={name}>
              {name}
            </span>
            <span className="muted">→</span>
            <span className="ell" title={names.get(id)}>
              {names.get(id)}
            </span>
          </li>
        ))}
      </ul>
      <span className="muted" role="status">
        {notes.filter(Boolean).join(" · ")}
      </span>
    </div>
  );
}

interface ValueOfRunsProps {
  readonly project: ProjectRef;
  readonly column: string;
  readonly label: string;
  /** Of several values. */
  readonly noun: string;
  readonly runs: readonly Renamed[];
  /** Null: as it is. */
  readonly text: string | null;
  onText(text: string | null): void;
}

/** A text that all runs get; the present one is grey until something is typed. */
function ValueOfRuns({ project, column, label, noun, runs, text, onText }: ValueOfRunsProps) {
  const values = useQuery(columnValuesQuery(project, column, ALL));
  const typed = (text ?? "").toLowerCase();
  const present = presentText(
    runs.map((run) => run.values[column]),
    noun,
  );
  const suggestions = (values.data ?? []).filter(
    ({ value }) => !isMissing(value) && typeof value === "string" && value.toLowerCase().includes(typed),
  );
  return (
    <Field label={label}>
      <span className="row">
        <Combobox
          label={label}
          text={text ?? ""}
          placeholder={text === "" ? "cleared" : present}
          width="100%"
          nothing="Any text can be typed"
          suggestions={suggestions.map(({ value, nRuns }) => ({
            value: String(value),
            meta: formatNoun(nRuns, "run"),
          }))}
          onText={(next) => onText(next === "" && !text ? null : next)}
          onChoose={onText}
        />
        {text === null ? (
          <IconButton icon="trash" isSmall label={`Clear ${label}`} onClick={() => onText("")} />
        ) : (
          <IconButton icon="undo" isSmall label={`Keep ${label}`} onClick={() => onText(null)} />
        )}
      </span>
    </Field>
  );
}

interface TagListsProps {
  readonly project: ProjectRef;
  readonly form: BulkForm;
  onChange(part: Partial<BulkForm>): void;
}

function TagLists({ project, form, onChange }: TagListsProps) {
  const tags = useTags(project);
  return (
    <>
      <TagsField
        label="Add tags"
        tags={form.addTags}
        suggestions={tags}
        onChange={(addTags) =>
          onChange({ addTags, removeTags: form.removeTags.filter((tag) => !addTags.includes(tag)) })
        }
      />
      <TagsField
        label="Remove tags"
        tags={form.removeTags}
        suggestions={tags}
        onChange={(removeTags) =>
          onChange({ removeTags, addTags: form.addTags.filter((tag) => !removeTags.includes(tag)) })
        }
      />
    </>
  );
}

interface NotesOfRunsProps {
  readonly notes: BulkForm["notes"];
  onNotes(notes: BulkForm["notes"]): void;
}

function NotesOfRuns({ notes, onNotes }: NotesOfRunsProps) {
  const id = useId();
  const isAdded = notes?.isAdded ?? true;
  const set = (text: string, isToEnd: boolean) =>
    onNotes(text === "" && isToEnd ? null : { text, isAdded: isToEnd });
  const label: ReactNode = (
    <span className="row">
      Notes
      <SegmentedControl
        label="Notes are"
        value={isAdded ? "add" : "replace"}
        options={NOTES}
        onChange={(way) => set(notes?.text ?? "", way === "add")}
      />
    </span>
  );
  return (
    <Field label={label}>
      <textarea
        id={id}
        aria-label="Notes"
        rows={2}
        placeholder={isAdded ? "A paragraph after the present notes" : "Empty: their notes are cleared"}
        value={notes?.text ?? ""}
        onChange={(event) => set(event.target.value, isAdded)}
      />
    </Field>
  );
}

interface ConfigLinesProps {
  readonly project: ProjectRef;
  readonly lines: readonly ConfigLine[];
  onLines(lines: readonly ConfigLine[]): void;
}

function ConfigLines({ project, lines, onLines }: ConfigLinesProps) {
  const set = (at: number, line: ConfigLine | null) =>
    onLines(lines.flatMap((other, i) => (i !== at ? [other] : line ? [line] : [])));
  return (
    <div className="config" role="group" aria-label="Config">
      {lines.map((line, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
        <ConfigRow key={i} project={project} line={line} onLine={(next) => set(i, next)} />
      ))}
      <Button look="quiet" isSmall icon="plus" onClick={() => onLines([...lines, { path: "", text: "" }])}>
        Config value
      </Button>
    </div>
  );
}

interface ConfigRowProps {
  readonly project: ProjectRef;
  readonly line: ConfigLine;
  onLine(line: ConfigLine | null): void;
}

function ConfigRow({ project, line, onLine }: ConfigRowProps) {
  const { path, text } = line;
  const search = useColumnSearch(project, path === "" ? "config." : path);
  const suggestions = search.columns.flatMap(({ column, n_runs }) =>
    column.startsWith("config.")
      ? [{ value: column.slice("config.".length), meta: formatNoun(n_runs, "run") }]
      : [],
  );
  const values = useQuery({
    ...columnValuesQuery(project, `config.${path}`, ALL),
    enabled: suggestions.some(({ value }) => value === path),
  });
  const offered = (values.data ?? []).filter(({ value }) => !isMissing(value) && typeof value !== "object");
  return (
    <div className="config-row">
      <Combobox
        label="Config key"
        text={path}
        placeholder="lr, opt.name"
        isMono
        autoFocus={path === ""}
        isLoading={!search.isCurrent && search.error === null}
        nothing="A new key"
        width="100%"
        suggestions={suggestions}
        onText={(next) => onLine({ path: next, text })}
        onChoose={(next) => onLine({ path: next, text })}
      />
      {text === null ? (
        <span className="muted grow">removed</span>
      ) : (
        <Combobox
          label="Config value"
          text={text}
          placeholder="value"
          isMono
          nothing="Any value can be typed"
          width="100%"
          suggestions={offered
            .map(({ value, nRuns }) => ({ value: String(value), meta: formatNoun(nRuns, "run") }))
            .filter(({ value }) => value.includes(text))}
          onText={(next) => onLine({ path, text: next })}
          onChoose={(next) => onLine({ path, text: next })}
        />
      )}
      <span className="muted kind">{text ? typedValue(text).kind : ""}</span>
      <IconButton
        icon={text === null ? "edit" : "trash"}
        isSmall
        label={text === null ? "Set the value" : "Remove the value from the runs"}
        onClick={() => onLine({ path, text: text === null ? "" : null })}
      />
      <IconButton icon="x" isSmall label="Leave this key as it is" onClick={() => onLine(null)} />
    </div>
  );
}
