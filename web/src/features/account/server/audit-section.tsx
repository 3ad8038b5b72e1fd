/**
 * `/settings/audit`: who changed what on this server, from where and when; narrowed by fields that the address keeps.
 */

import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { type AuditEntry, type AuditFilter, auditExportUrl, auditQuery } from "@/api/people/audit";
import { changeText } from "@/data/people/change-text";
import { formatCount, formatExact, formatMoment } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { TextField } from "@/ui/fields/field";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { Icon } from "@/ui/signs/icons";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { UserField } from "../../people/user-field";
import { Person } from "../../person";
import { choiceParameter, textParameter, useSearchState } from "../../search-state";
import { SettingsHead } from "../settings-frame";

const PERIODS = [
  { value: "", label: "Any time" },
  { value: "1", label: "Last day" },
  { value: "7", label: "Last 7 days" },
  { value: "30", label: "Last 30 days" },
  { value: "365", label: "Last year" },
] as const;

const FILTER = {
  actor: textParameter("actor"),
  action: textParameter("action"),
  entity: textParameter("entity"),
  days: choiceParameter("days", ["1", "7", "30", "365"], ""),
};

const FIELDS = [
  { name: "action", label: "Action" },
  { name: "entity", label: "Entity" },
] as const;

export function AuditSection() {
  const [state, change] = useSearchState(FILTER);
  const filter: AuditFilter = useDeferredValue({
    actor: state.actor.trim(),
    action: state.action.trim(),
    entity: state.entity.trim(),
    days: state.days === "" ? null : Number(state.days),
  });
  const query = useInfiniteQuery({ ...auditQuery(filter), placeholderData: (before) => before });
  const entries = query.data?.pages.flatMap((page) => page.entries);
  const isNarrowed = Object.values(state).some((value) => value !== "");
  return (
    <>
      <SettingsHead
        title="Audit"
        action={
          <a className="btn" href={auditExportUrl(filter)} download="audit.jsonl">
            <Icon name="download" isSmall />
            JSON lines
          </a>
        }
      >
        Sign-ins, and every change of people, keys, roles, visibility, settings and shares. No one can edit
        it.
      </SettingsHead>
      <div className="audit-filter">
        <UserField label="Who" text={state.actor} onText={(actor) => change({ actor })} />
        {FIELDS.map(({ name, label }) => (
          <TextField
            key={name}
            label={label}
            placeholder={label}
            isBare
            value={state[name]}
            onChange={(text) => change({ [name]: text })}
          />
        ))}
        <Select label="Period" value={state.days} options={PERIODS} onChange={(days) => change({ days })} />
        {isNarrowed && (
          <Button look="quiet" onClick={() => change({ actor: "", action: "", entity: "", days: "" })}>
            Clear
          </Button>
        )}
      </div>
      <section className="card table-card" aria-label="Audit log">
        {query.error && !entries ? (
          <Fault title="The audit log could not be read" error={query.error} onRetry={query.refetch} />
        ) : entries === undefined ? (
          <SkeletonRows n={10} label="Loading the audit log" />
        ) : entries.length === 0 ? (
          <EmptyState icon="clock" title={isNarrowed ? "No entry fits" : "Nothing yet"}>
            {isNarrowed
              ? "Names must be whole; an action may be a kind: key, member, project."
              : "Changes appear here as they happen."}
          </EmptyState>
        ) : (
          <table className="data-table people-table audit">
            <thead>
              <tr>
                <th className="when">When</th>
                <th className="who">Who</th>
                <th className="action">Action</th>
                <th>What</th>
                <th className="from">From</th>
              </tr>
            </thead>
            <tbody>
              {entries.map((entry) => (
                <EntryRow key={entry.id} entry={entry} />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {entries && entries.length > 0 && (
        <div className="row foot">
          <span className="meta tn">{formatCount(entries.length)} shown</span>
          {query.hasNextPage && (
            <Button isSmall disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Show older ones
            </Button>
          )}
        </div>
      )}
    </>
  );
}

/** Who acts without an account; the role is the same word. */
const NO_ACCOUNT: Readonly<Record<string, string>> = {
  anyone: "not signed in",
  local: "the server's own user",
  system: "the server",
};

function Actor({ actor, role }: Pick<AuditEntry, "actor" | "role">) {
  const other = actor === "" ? "unknown" : role === actor ? NO_ACCOUNT[actor] : undefined;
  return other ? <span className="muted">{other}</span> : <Person user={actor} size="sm" />;
}

function EntryRow({ entry }: { entry: AuditEntry }) {
  const changes = changeText(entry.before, entry.after);
  const { entity, object } = entry;
  const isOwn = entity === "" || entity === object || object.startsWith(`${entity}/`);
  const target = isOwn ? entry.object : [entry.object, entry.entity].filter(Boolean).join(" in ");
  return (
    <tr>
      <td className="t2 tn when" title={formatExact(entry.at_micros)}>
        {formatMoment(entry.at_micros)}
      </td>
      <td className="who" title={entry.role && `${entry.actor}, ${entry.role}`}>
        <Actor actor={entry.actor} role={entry.role} />
      </td>
      <td className={`mono action ${/refus|denied|fail/.test(entry.action) ? "refused" : ""}`}>
        {entry.action}
      </td>
      <td title={[target, changes].filter(Boolean).join(": ")}>
        {target} {changes && <span className="t2">{changes}</span>}
      </td>
      <td className="mono t2 from" title={entry.key_prefix ? `by the key ${entry.key_prefix}…` : undefined}>
        {entry.address}
      </td>
    </tr>
  );
}
