/** Who is signed in, the pages of the account and of the teams, and the way out. */

import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { teamsQuery } from "@/api/people/teams";
import { serverQuery } from "@/api/projects";
import { PersonAvatar } from "@/features/person";
import { useMayChange } from "@/features/use-rights";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { attempt } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";

const NewTeam = lazy(() => import("@/features/people/new-team").then((file) => ({ default: file.NewTeam })));

export function AccountMenu() {
  const { data: server } = useQuery(serverQuery);
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const [isMaking, setMaking] = useState(false);
  // a reader of the documents has no account
  if (!server) return null;
  const menu = (
    <Menu
      position="bottom-end"
      isOpen={isOpen}
      onOpen={setOpen}
      target={
        <Tooltip label="Account" disabled={isOpen}>
          <button type="button" className="btn q ico" aria-label="Account">
            {server.account === null ? <Icon name="user" /> : <PersonAvatar user={server.account} />}
          </button>
        </Tooltip>
      }
    >
      <MenuLabel>{server.account ?? server.user ?? "The server's own user"}</MenuLabel>
      <MenuItem icon="key" onChoose={() => void navigate({ to: "/authorize" })}>
        Key and login
      </MenuItem>
      <MenuItem icon="gear" onChoose={() => void navigate({ to: "/settings" })}>
        Settings
      </MenuItem>
      {server.account !== null && (
        <>
          <TeamItems isOpen={isOpen} onNew={() => setMaking(true)} />
          <MenuLine />
          <MenuItem icon="leave" onChoose={() => beginSignOut(server.seen_as !== null)}>
            Sign out
          </MenuItem>
        </>
      )}
    </Menu>
  );
  return (
    <>
      {menu}
      {isMaking && (
        <Suspense>
          <NewTeam onClose={() => setMaking(false)} />
        </Suspense>
      )}
    </>
  );
}

const TEAMS_IN_SIGHT = 6;

function TeamItems({ isOpen, onNew }: { isOpen: boolean; onNew(): void }) {
  const navigate = useNavigate();
  const { data } = useQuery({ ...teamsQuery, enabled: isOpen });
  const mayCreate = useMayChange() && data?.may_create;
  const teams = data?.teams.filter(({ role }) => role !== null).slice(0, TEAMS_IN_SIGHT) ?? [];
  if (teams.length === 0 && !mayCreate) return null;
  return (
    <>
      <MenuLine />
      <MenuLabel>Teams</MenuLabel>
      {teams.map(({ name, display_name }) => (
        <MenuItem
          key={name}
          icon="people"
          onChoose={() => void navigate({ to: "/teams/$team", params: { team: name } })}
        >
          {display_name || name}
        </MenuItem>
      ))}
      {mayCreate && (
        <MenuItem icon="plus" onChoose={onNew}>
          New team
        </MenuItem>
      )}
    </>
  );
}

/** The steps of a sign-out come when they are needed. */
function beginSignOut(isSeenAs: boolean): void {
  void attempt("Could not sign out", async () =>
    (await import("@/features/account/sign-out")).signOut(isSeenAs),
  );
}
