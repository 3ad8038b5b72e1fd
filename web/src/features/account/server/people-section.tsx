/** `/settings/people`: for administrators, all users of the server and the invitations to it. */

import { useDebouncedValue } from "@mantine/hooks";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { editAccount } from "@/api/people/account";
import { createPasswordLink, type OneTimeLink } from "@/api/people/invitations";
import { USERS_KEY, type User, usersQuery } from "@/api/people/users";
import { serverQuery } from "@/api/projects";
import { formatBytes, formatDay } from "@/data/text/format";
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
import { textParameter, useSearchState } from "../../search-state";
import { InvitationsCard } from "../invitations-card";
import { InviteDialog } from "../invite-dialog";
import { PersonCell } from "../person-cell";
import { SettingsHead } from "../settings-frame";
import { TableFoot, usePageSize } from "../use-pages";

const SEARCH = { search: textParameter("search") };
const TYPING_MILLIS = 150;

interface ShownLink {
  readonly title: string;
  readonly link: OneTimeLink;
}

export function PeopleSection() {
  const [{ search }, change] = useSearchState(SEARCH);
  const [text] = useDebouncedValue(search.trim(), TYPING_MILLIS);
  const page = usePageSize(text);
  const { data, error, refetch } = useQuery(usersQuery(text, page.n));
  const [isInviting, setInviting] = useState(false);
  const [shown, setShown] = useState<ShownLink | null>(null);
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
        {error && !data ? (
          <Fault title="The users could not be read" error={error} onRetry={refetch} />
        ) : data === undefined ? (
          <SkeletonRows n={4} label="Loading the users" height={37} />
        ) : data.users.length === 0 ? (
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
              {data.users.map((user) => (
                <UserRow key={user.name} user={user} onLink={setShown} />
              ))}
            </tbody>
          </table>
        )}
        {data && <TableFoot n={data.users.length} nAll={data.n_users} onMore={page.more} />}
      </section>
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
      await client.invalidateQueries({ queryKey: USERS_KEY });
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
        <PersonCell user={user.name} displayName={user.display_name} isYou={user.name === you} />
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
