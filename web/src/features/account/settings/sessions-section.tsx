/** `/settings/sessions`: the browsers in which one is signed in. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { endOtherSessions, endSession, type Session, sessionsQuery } from "@/api/people/account";
import { browserName } from "@/data/people/browser-name";
import { formatNoun } from "@/data/text/format";
import { Button } from "@/ui/controls/button";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { useMayChange } from "../../use-rights";
import { SettingsHead } from "../settings-frame";

const METHODS: Readonly<Record<string, string>> = {
  password: "by password",
  key: "by key",
  link: "by link",
  invitation: "by invitation",
  proxy: "by the proxy",
};

export function SessionsSection() {
  const mayChange = useMayChange();
  const client = useQueryClient();
  const { data: sessions, error, refetch } = useQuery(sessionsQuery);
  const nOthers = sessions?.filter((session) => !session.is_current).length ?? 0;
  const end = (done: string, act: () => Promise<void>) =>
    attempt("Could not sign out", async () => {
      await act();
      await client.invalidateQueries({ queryKey: sessionsQuery.queryKey });
      showDone(done);
    });
  return (
    <>
      <SettingsHead
        title="Sessions"
        action={
          mayChange &&
          nOthers > 0 && (
            <Button
              onClick={() => void end(`${formatNoun(nOthers, "browser")} signed out`, endOtherSessions)}
            >
              Sign out the others
            </Button>
          )
        }
      >
        Browsers that are signed in as you. Scripts use keys instead.
      </SettingsHead>
      <section className="card table-card" aria-label="Sessions">
        {error && !sessions ? (
          <Fault title="The sessions could not be read" error={error} onRetry={refetch} />
        ) : sessions === undefined ? (
          <SkeletonRows n={3} label="Loading the sessions" />
        ) : sessions.length === 0 ? (
          <EmptyState icon="key" title="No browser is signed in">
            This request came with a key.
          </EmptyState>
        ) : (
          <table className="data-table people-table sessions">
            <thead>
              <tr>
                <th>Browser</th>
                <th className="wide-only">Signed in</th>
                <th className="last-use">Last use</th>
                <th className="wide-only">Address</th>
                <th className="acts">
                  <span className="sr">Sign out</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sessions.map((session) => (
                <SessionRow
                  key={session.id}
                  session={session}
                  onEnd={
                    mayChange
                      ? () =>
                          void end(`${browserName(session.agent)} is signed out`, () =>
                            endSession(session.id),
                          )
                      : null
                  }
                />
              ))}
            </tbody>
          </table>
        )}
      </section>
    </>
  );
}

function SessionRow({ session, onEnd }: { session: Session; onEnd: (() => void) | null }) {
  return (
    <tr>
      <td title={session.agent}>
        <span className="row">
          <span className="ell w5">{browserName(session.agent)}</span>
          {session.is_current && <span className="flag pos">this browser</span>}
        </span>
      </td>
      <td className="t2 wide-only">
        <Ago micros={session.created_micros} suffix=" ago" />{" "}
        {METHODS[session.method] ?? `by ${session.method}`}
      </td>
      <td className="t2">
        <Ago micros={session.used_micros} suffix=" ago" />
      </td>
      <td className="mono t2 wide-only">{session.address}</td>
      <td className="acts">
        {onEnd && !session.is_current && (
          <Button isSmall look="quiet" onClick={onEnd}>
            Sign out
          </Button>
        )}
      </td>
    </tr>
  );
}
