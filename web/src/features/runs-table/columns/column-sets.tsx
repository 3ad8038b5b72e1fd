/**
 * The project's saved sets of columns, below the list of columns: one is applied by a click, replaced, deleted or made.
 */

import { useQueries, useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import type { ProjectRef, SavedViewInfo } from "@/api/types";
import { columnSetQuery, columnSetsQuery } from "@/api/views";
import { type ColumnSet, readColumnSet } from "@/data/table/column-set";
import type { View } from "@/data/view/view";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { TextField } from "@/ui/fields/field";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { useRights } from "../../use-rights";
import { useReadView } from "../../view/view-store";
import { useSavedColumnSets } from "./saved-column-sets";

const ROW_PX = 28;

interface ColumnSetsProps {
  readonly project: ProjectRef;
  /** The columns shown now; null: not known yet. */
  readonly present: (() => ColumnSet) | null;
  /** Whether the columns shown now are those of a set. */
  isShown(set: ColumnSet): boolean;
  onTake(set: ColumnSet): void;
  onReset(): void;
}

export function ColumnSets({ project, present, isShown, onTake, onReset }: ColumnSetsProps) {
  const { data: sets, isPending, isError, error, refetch } = useQuery(columnSetsQuery(project));
  const documents = useQueries({ queries: (sets ?? []).map((info) => columnSetQuery(project, info)) });
  const saved = useSavedColumnSets(project);
  const [isNaming, setNaming] = useState(false);
  const section = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const readView = useReadView();
  const { mayWrite } = useRights(project);
  const take = async (info: SavedViewInfo) => {
    const columnsOf = ({ table: { isOwn, hidden, shown, order, pinned } }: View) =>
      JSON.stringify([isOwn, hidden, shown, order, pinned]);
    const before = columnsOf(readView());
    const set = await saved.read(info);
    // other columns that were chosen while it was on its way are what is wanted
    if (set && columnsOf(readView()) === before) onTake(set);
  };
  return (
    <section className="col-sets" aria-label="Sets of columns" ref={section} tabIndex={-1}>
      <div className="muted">Sets of this project</div>
      {isPending ? (
        <SkeletonRows n={1} height={ROW_PX} />
      ) : isError ? (
        <div className="col-sets-none errt" role="alert">
          <span className="grow">The sets could not be read: {error.message}</span>
          <Button isSmall onClick={() => void refetch()}>
            Try again
          </Button>
        </div>
      ) : sets.length === 0 ? (
        <div className="col-sets-none muted">None yet. A set keeps the columns shown, for everyone.</div>
      ) : (
        <ul>
          {sets.map((info, i) => {
            const set = readColumnSet(documents[i]?.data?.document);
            const isOn = set !== undefined && isShown(set);
            return (
              <li key={info.id}>
                <button
                  type="button"
                  className="set-name ell"
                  title={info.name}
                  aria-current={isOn ? "true" : undefined}
                  onClick={() => void take(info)}
                >
                  {info.name}
                </button>
                {isOn && <span className="flag neu">applied</span>}
                {mayWrite && (
                  <IconButton
                    icon="check"
                    isSmall
                    label={`Replace ${info.name} with the columns shown`}
                    disabled={present === null}
                    onClick={() => present && void saved.replace(info, present())}
                  />
                )}
                {mayWrite && info.is_mine && (
                  <IconButton
                    icon="trash"
                    isSmall
                    label={`Delete ${info.name}`}
                    onClick={() => {
                      // its row goes, and the focus would go with it
                      section.current?.focus();
                      void saved.remove(info);
                    }}
                  />
                )}
              </li>
            );
          })}
        </ul>
      )}
      {isNaming && present ? (
        <NameForm
          sets={sets ?? []}
          onSave={(name) => saved.save(name, present())}
          onReplace={(info) => saved.replace(info, present())}
          onClose={() => {
            flushSync(() => setNaming(false));
            opener.current?.focus();
          }}
        />
      ) : (
        <div className="keys-end">
          {mayWrite && (
            <button
              type="button"
              className="btn q sm"
              ref={opener}
              disabled={present === null}
              onClick={() => setNaming(true)}
            >
              Save as set…
            </button>
          )}
          <span className="grow" />
          <Button isSmall look="quiet" onClick={onReset}>
            Reset to suggested
          </Button>
        </div>
      )}
    </section>
  );
}

interface NameFormProps {
  readonly sets: readonly SavedViewInfo[];
  /** Null: it is saved; else what to say next to the field. */
  onSave(name: string): Promise<string | null>;
  onReplace(info: SavedViewInfo): Promise<void>;
  onClose(): void;
}

function NameForm({ sets, onSave, onReplace, onClose }: NameFormProps) {
  const [typed, setTyped] = useState("");
  const [fault, setFault] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  // as the server keeps names
  const name = typed.trim().split(/\s+/).join(" ");
  const same = sets.find((info) => info.name === name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isBusy || name === "") return;
    setBusy(true);
    const problem = same ? await onReplace(same) : await onSave(name);
    setBusy(false);
    if (problem) setFault(problem);
    else onClose();
  };
  return (
    <form
      className="col-sets-form"
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <TextField
        label="Name of the set"
        value={typed}
        ref={field}
        maxLength={200}
        error={fault}
        hint={same ? "There is a set of this name. It will be replaced." : undefined}
        onChange={(text) => {
          setTyped(text);
          setFault(null);
        }}
      />
      <div className="keys-end">
        <Button isSmall onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" isSmall look="ink" disabled={name === "" || isBusy}>
          {same ? "Replace" : "Save"}
        </Button>
      </div>
    </form>
  );
}
