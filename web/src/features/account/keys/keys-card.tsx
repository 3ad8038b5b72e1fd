/**
 * The keys of a user or service account: what each may do, until when, when it was used; new ones, and an end of old ones.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { type Key, keysQuery, type NewKey, revokeKey } from "@/api/people/keys";
import { formatDay, formatExact } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago, useNow } from "@/ui/text/ago";
import { useMayChange } from "../../use-rights";
import { KeyShown } from "./key-shown";
import { NewKeyDialog } from "./new-key-dialog";

/** A key that ends within these days is marked. */
const SOON_DAYS = 7;
const DAY_MILLIS = 86_400_000;

interface KeysCardProps {
  /** A service account; null: one's own keys. */
  readonly user: string | null;
  readonly title: ReactNode;
  /** Opens with the form of a new key. */
  readonly isMaking?: boolean;
  readonly more?: ReactNode;
}

export function KeysCard({ user, title, isMaking: startsMaking = false, more }: KeysCardProps) {
  const client = useQueryClient();
  const mayChange = useMayChange();
  const { data: keys, error, refetch } = useQuery(keysQuery(user));
  const [isMaking, setMaking] = useState(startsMaking);
  const [made, setMade] = useState<NewKey | null>(null);
  const [doomed, setDoomed] = useState<Key | null>(null);
  const refresh = () => client.invalidateQueries({ queryKey: keysQuery(user).queryKey });
  const revoke = async (key: Key) => {
    setDoomed(null);
    await attempt("Could not revoke the key", async () => {
      await revokeKey(key.id);
      if (made?.id === key.id) setMade(null);
      await refresh();
      showDone(`The key ${keyName(key)} is revoked`);
    });
  };
  return (
    <>
      {made && <KeyShown newKey={made} onClose={() => setMade(null)} />}
      <section className="card table-card" aria-label={user === null ? "Keys" : `Keys of ${user}`}>
        <div className="card-head">
          <h2>
            {title}
            {keys && keys.length > 0 && <span className="badge">{keys.length}</span>}
          </h2>
          <span className="grow" />
          {more}
          {mayChange && (
            <Button isSmall={user !== null} icon="plus" onClick={() => setMaking(true)}>
              New key
            </Button>
          )}
        </div>
        {error && !keys ? (
          <Fault title="The keys could not be read" error={error} onRetry={refetch} />
        ) : keys === undefined ? (
          <SkeletonRows n={2} label="Loading the keys" />
        ) : keys.length === 0 ? (
          <EmptyState icon="key" title="No keys yet">
            A script on another machine needs one.
          </EmptyState>
        ) : (
          <table className="data-table people-table keys-table">
            <thead>
              <tr>
                <th>Name</th>
                <th className="prefix">Begins with</th>
                <th className="scope">May</th>
                <th className="limit">Only in</th>
                <th className="expires">Ends</th>
                <th className="used">Last used</th>
                <th className="acts">
                  <span className="sr">Revoke</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <KeyRow
                  key={key.id}
                  apiKey={key}
                  isNew={key.id === made?.id}
                  onRevoke={mayChange ? () => setDoomed(key) : null}
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {isMaking && (
        <NewKeyDialog
          user={user}
          onMade={(key) => {
            setMade(key);
            void refresh();
          }}
          onClose={() => setMaking(false)}
        />
      )}
      <ConfirmDialog
        title={`Revoke the key ${doomed ? keyName(doomed) : ""}?`}
        isOpen={doomed !== null}
        action="Revoke key"
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && void revoke(doomed)}
      >
        <p className="dialog-text">
          The server refuses it at once. Running scripts that use it can send nothing more until they get
          another one; what they log stays on their machines, and <span className="mono">weft sync</span>{" "}
          sends it.
        </p>
      </ConfirmDialog>
    </>
  );
}

interface KeyRowProps {
  readonly apiKey: Key;
  readonly isNew: boolean;
  readonly onRevoke: (() => void) | null;
}

function KeyRow({ apiKey, isNew, onRevoke }: KeyRowProps) {
  const { name, prefix, scope, expires_micros, used_micros, used_address } = apiKey;
  return (
    <tr className={isNew ? "new" : undefined}>
      <td className="w5" title={`Made ${formatExact(apiKey.created_micros)}`}>
        {name || "unnamed"}
      </td>
      <td className="mono t2 prefix">{prefix ? `${prefix}…` : ""}</td>
      <td className="scope">{scope}</td>
      <td className="t2 limit">{limitText(apiKey)}</td>
      <td className="expires">
        <Expiry micros={expires_micros} />
      </td>
      <td className="t2 used" title={used_address ? `from ${used_address}` : undefined}>
        {used_micros === null ? (
          <span className="muted">never</span>
        ) : (
          <>
            <Ago micros={used_micros} suffix=" ago" />
            {used_address && <span className="meta"> from {used_address}</span>}
          </>
        )}
      </td>
      <td className="acts">
        {onRevoke && (
          <Button
            isSmall
            look="danger"
            className="q"
            onClick={onRevoke}
            aria-label={`Revoke ${keyName(apiKey)}`}
          >
            Revoke
          </Button>
        )}
      </td>
    </tr>
  );
}

function Expiry({ micros }: { micros: number | null }) {
  const now = useNow();
  if (micros === null) return <span className="muted">never</span>;
  const exact = formatExact(micros);
  if (micros / 1000 <= now)
    return (
      <span title={exact}>
        <span className="flag dan">ended</span> <span className="day">{formatDay(micros)}</span>
      </span>
    );
  const days = daysUntil(micros / 1000, now);
  if (days > SOON_DAYS) return <span title={exact}>{formatDay(micros)}</span>;
  return (
    <span className="flag wrn" title={exact}>
      {days === 0 ? "today" : days === 1 ? "tomorrow" : `in ${days} d`}
    </span>
  );
}

/** Midnights between two times here. */
function daysUntil(millis: number, now: number): number {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  // days of another length, where clocks are put forward or back
  return Math.round((midnight(millis) - midnight(now)) / DAY_MILLIS);
}

/** The project or entity to which a key is limited. */
function limitText({ entity, project }: Key): string {
  if (entity === null) return "";
  return project === null ? entity : `${entity}/${project}`;
}

function keyName({ name, prefix }: Key): string {
  return name || `${prefix}…`;
}
