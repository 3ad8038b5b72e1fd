/** The ages at which parts of ended runs go by themselves, and a list of what would go by them now. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useMemo, useState } from "react";
import {
  type RetentionRules,
  retentionPreviewQuery,
  retentionQuery,
  setRetention,
} from "@/api/people/retention";
import type { ProjectRef } from "@/api/types";
import { faultText } from "@/data/text/fault-text";
import { formatBytes, formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { TextField } from "@/ui/fields/field";
import { useSettled } from "@/ui/hooks/use-settled";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { showDone } from "@/ui/overlays/toasts";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { SettingRow } from "../people/setting-row";
import { RetentionList } from "./retention-list";

const PARTS = [
  { field: "media_days", name: "Media", hint: "images, audio, video, tables" },
  { field: "console_days", name: "Console lines", hint: "what scripts printed" },
  { field: "files_days", name: "Files", hint: "that scripts saved; not code and the environment" },
  { field: "runs_days", name: "Whole runs", hint: "they go to the trash" },
] as const;

type Typed = Readonly<Record<(typeof PARTS)[number]["field"], string>>;

interface RetentionCardProps {
  readonly project: ProjectRef;
  readonly mayManage: boolean;
}

export function RetentionCard({ project, mayManage }: RetentionCardProps) {
  const { data: rules, error, refetch } = useQuery(retentionQuery(project));
  return (
    <section className="card" aria-label="Retention">
      <h2>Retention</h2>
      <p className="retention-says">
        Parts of a run go by themselves so many days after it ended. Runs with tags, locked runs, and runs
        with linked versions stay.{!mayManage && " Admins of the project may change the days."}
      </p>
      {error && !rules ? (
        <Fault title="The rules could not be read" error={error} onRetry={refetch} />
      ) : rules === undefined ? (
        <SkeletonRows n={4} label="Loading the rules" />
      ) : (
        <Rules key={JSON.stringify(textsOf(rules))} project={project} rules={rules} mayManage={mayManage} />
      )}
    </section>
  );
}

function Rules({ project, rules, mayManage }: RetentionCardProps & { readonly rules: RetentionRules }) {
  const client = useQueryClient();
  const [typed, setTyped] = useState(() => textsOf(rules));
  const [fault, setFault] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const next = rulesOf(typed);
  const text = JSON.stringify(typed);
  const settled = useSettled(text);
  const tried = useMemo(() => rulesOf(JSON.parse(settled) as Typed), [settled]);
  const preview = useQuery({
    ...retentionPreviewQuery(project, tried ?? rules),
    enabled: tried !== null && hasRules(tried),
  });
  const isChanged = PARTS.some(({ field }) => typed[field].trim() !== textsOf(rules)[field]);
  const goes = tried !== null && hasRules(tried) ? preview.data : undefined;
  // of no rules nothing is asked
  const isCurrent = settled === text && (goes === undefined || !preview.isPlaceholderData);
  const save = async () => {
    setAsking(false);
    if (next === null) return;
    try {
      await setRetention(project, next);
      client.setQueryData(retentionQuery(project).queryKey, next);
      showDone(hasRules(next) ? "The rules apply from the next hour on" : "Nothing goes by itself");
    } catch (error) {
      setFault(faultText(error));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (goes && goes.total > 0) setAsking(true);
    else void save();
  };
  return (
    <>
      <form onSubmit={submit}>
        {PARTS.map(({ field, name, hint }) => (
          <SettingRow key={field} name={name} hint={hint}>
            {mayManage ? (
              <div className="retention-days">
                <TextField
                  label={`Days until ${name.toLowerCase()} go`}
                  isBare
                  inputMode="numeric"
                  placeholder="never"
                  end={<span className="muted">days</span>}
                  value={typed[field]}
                  error={daysOf(typed[field]) === undefined ? "Not a number of days" : null}
                  onChange={(text) => {
                    setTyped({ ...typed, [field]: text });
                    setFault(null);
                  }}
                />
              </div>
            ) : (
              <span className="t2">
                {typed[field] === "" ? "stay" : `go after ${formatNoun(Number(typed[field]), "day")}`}
              </span>
            )}
          </SettingRow>
        ))}
        {fault && (
          <div className="errt retention-fault" role="alert">
            {fault}
          </div>
        )}
        {mayManage && (
          <div className="retention-end">
            {isChanged && (
              <Button look="quiet" onClick={() => setTyped(textsOf(rules))}>
                Cancel
              </Button>
            )}
            <Button look="ink" type="submit" disabled={!isChanged || next === null || !isCurrent}>
              Save rules
            </Button>
          </div>
        )}
      </form>
      {tried !== null && hasRules(tried) && (
        <div className="retention-preview" aria-busy={!isCurrent}>
          <h3>
            {isChanged ? "Would go now" : "Goes within the hour"}
            {goes && (
              <span className="muted tn" role="status">
                {goes.total === 0
                  ? "nothing"
                  : `${formatNoun(goes.total, "part")}, ${formatBytes(goes.n_bytes)}`}
              </span>
            )}
          </h3>
          {preview.error ? (
            <Fault title="The rules could not be tried" error={preview.error} onRetry={preview.refetch} />
          ) : goes === undefined ? (
            <SkeletonRows n={3} label="Trying the rules" />
          ) : (
            goes.total > 0 && <RetentionList project={project} preview={goes} />
          )}
        </div>
      )}
      <ConfirmDialog
        title="Save these rules?"
        isOpen={isAsking}
        action="Save rules"
        onClose={() => setAsking(false)}
        onConfirm={() => void save()}
      >
        <p className="dialog-text">
          {goes && `${formatNoun(goes.total, "part")} of runs, ${formatBytes(goes.n_bytes)},`} will go within
          the hour. Whole runs can be restored from the trash; media, console lines and files can't.
        </p>
      </ConfirmDialog>
    </>
  );
}

function textsOf(rules: RetentionRules): Typed {
  const text = (days: number | null | undefined) => (days == null ? "" : String(days));
  return {
    media_days: text(rules.media_days),
    console_days: text(rules.console_days),
    files_days: text(rules.files_days),
    runs_days: text(rules.runs_days),
  };
}

/** Null: some text is not a number of days. */
function rulesOf(typed: Typed): RetentionRules | null {
  const days = Object.fromEntries(PARTS.map(({ field }) => [field, daysOf(typed[field])]));
  return Object.values(days).includes(undefined) ? null : (days as RetentionRules);
}

const MOST_DAYS = 36_500;

/** The days that were typed; null: never, undefined: not a number of days. */
function daysOf(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const days = Number(text);
  return Number.isInteger(days) && days >= 1 && days <= MOST_DAYS ? days : undefined;
}

function hasRules(rules: RetentionRules): boolean {
  return PARTS.some(({ field }) => rules[field] != null);
}
