/**
 * `/settings/people`: for administrators, all users of the server and the invitations to it.
 */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { editAccount } from "@/api/people/account";
import { createPasswordLink, type OneTimeLink } from "@/api/people/invitations";
import { type User, usersQuery } from "@/api/people/users";
import { serverQuery } from "@/api/projects";
import { formatBytes, formatCount, formatDay } from "@/data/text/format";
import { findWords } from "@/data/text/words";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { TextField } from "@/ui/fields/field";
import { Menu, MenuItem, MenuLine } from "@/ui/overlays/menu";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { EmptyState } from "@/ui/signs/empty-state";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { LinkShown } from "../../people/link-shown";
import { Person } from "../../person";
import { textParameter, useSearchState } from "../../search-state";
import { InvitationsCard } from "../invitations-card";
import { InviteDialog } from "../invite-dialog";
import { SettingsHead } from "../settings-frame";
import { usePages } from "../use-pages";

const SEARCH = { search: textParameter("search") };

interface ShownLink {
  readonly title: string;
  readonly link: OneTimeLink;
}

export function PeopleSection() {
  const { data: users, error, refetch } = useQuery(usersQuery);
  const [{ search }, change] = useSearchState(SEARCH);
  const [isInviting, setInviting] = useState(false);
  const [shown, setShown] = useState<ShownLink | null>(null);
  const matches = users?.filter(
    ({ name, display_name, email }) => findWords(`${display_name} ${name} ${email ?? ""}`, search) !== null,
  );
  const { first, foot } = usePages(matches ?? [], search);
  return (
    <>
      <SettingsHead
        title="People"
        action={
          <Button look="ink" icon="plus" onClick={() => setInviting(true)}>
            Invite
          </Button>
        }
      >
        Users of this server. Administrators may do anything on it; a disabled user is refused, and their work
        stays.
      </SettingsHead>
      {shown && <LinkShown {...shown} onClose={() => setShown(null)} />}
      <div className="settings-search">
        <TextField
          label="Search users"
          placeholder="Search users"
          isBare
          value={search}
          onChange={(text) => change({ search: text })}
        />
      </div>
      <section className="card table-card" aria-label="Users">
        {error && !users ? (
          <Fault title="The users could not be read" error={error} onRetry={refetch} />
        ) : matches === undefined ? (
          <SkeletonRows n={4} label="Loading the users" height={37} />
        ) : matches.length === 0 ? (
          <EmptyState icon="search" title={search ? "No user matches" : "No users yet"}>
            {search ? "Search for a part of a name, user name or mail address." : "Invite the first one."}
          </EmptyState>
        ) : (
          <table className="data-table people-table users">
            <thead>
              <tr>
                <th>User</th>
                <th className="rights">Rights</th>
                <th className="wide-only">User name</th>
                <th className="last-seen">Last seen</th>
                <th className="number stored">Stored</th>
                <th className="acts">
                  <span className="sr">More</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {first.map((user) => (
                <UserRow key={user.name} user={user} onLink={setShown} />
              ))}
            </tbody>
          </table>
        )}
        {foot}
      </section>
      {users && matches && matches.length < users.length && (
        <p className="meta">
          {formatCount(matches.length)} of {formatCount(users.length)}
        </p>
      )}
      <InvitationsCard
        team={null}
        onSent={(link, mail) => setShown({ title: `The new invitation${mail ? ` of ${mail}` : ""}`, link })}
      />
      {isInviting && (
        <InviteDialog
          team={null}
          onMade={(link, mail) => setShown({ title: `The invitation${mail && ` of ${mail}`} is made`, link })}
          onClose={() => setInviting(false)}
        />
      )}
    </>
  );
}

function UserRow({ user, onLink }: { user: User; onLink(shown: ShownLink): void }) {
  const client = useQueryClient();
  const { data: you } = useQuery({ ...serverQuery, select: (server) => server.account });
  const edit = (done: string, change: Parameters<typeof editAccount>[1]) =>
    attempt(`Could not change ${user.name}`, async () => {
      await editAccount(user.name, change);
      await client.invalidateQueries({ queryKey: usersQuery.queryKey });
      showDone(done);
    });
  const flipAdmin = () =>
    edit(user.is_admin ? `${user.name} is no administrator any more` : `${user.name} is an administrator`, {
      is_admin: !user.is_admin,
    });
  const flipDisabled = () =>
    edit(`${user.name} is ${user.is_disabled ? "enabled" : "disabled"}`, { is_disabled: !user.is_disabled });
  const reset = () =>
    attempt("Could not make the link", async () => {
      onLink({
        title: `The link for a new password of ${user.name}`,
        link: await createPasswordLink(user.name),
      });
    });
  return (
    <tr>
      <td className="w5">
        <Person user={user.name} displayName={user.display_name} note={user.name === you ? "you" : null} />
      </td>
      <td className="t2 rights">
        {user.is_disabled ? (
          <span className="flag dan">disabled</span>
        ) : user.team !== null ? (
          `service account of ${user.team}`
        ) : user.is_admin ? (
          "administrator"
        ) : (
          "user"
        )}
      </td>
      <td className="t2 wide-only" title={user.email ?? undefined}>
        <span className="mono">{user.name}</span>
      </td>
      <td className="t2 last-seen" title={`Added ${formatDay(user.created_micros)}`}>
        {user.seen_micros === null ? (
          <span className="muted">never</span>
        ) : (
          <Ago micros={user.seen_micros} suffix=" ago" />
        )}
      </td>
      <td className="number stored">{formatBytes(user.n_bytes)}</td>
      <td className="acts">
        <Menu
          position="bottom-end"
          target={<IconButton icon="dots" label={`More of ${user.name}`} isSmall />}
        >
          {user.team === null && (
            <>
              <MenuItem icon="key" onChoose={() => void reset()}>
                Link for a new password
              </MenuItem>
              <MenuItem icon="user" onChoose={() => void flipAdmin()}>
                {user.is_admin ? "Make a plain user" : "Make an administrator"}
              </MenuItem>
              <MenuLine />
            </>
          )}
          <MenuItem
            icon={user.is_disabled ? "play" : "stop"}
            isDanger={!user.is_disabled}
            onChoose={() => void flipDisabled()}
          >
            {user.is_disabled ? "Enable" : "Disable"}
          </MenuItem>
        </Menu>
      </td>
    </tr>
  );
}
