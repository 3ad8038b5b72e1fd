/**
 * Leads to the projects of another entity: one's own, then those of one's teams; and to the pages of the teams.
 */

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { teamsQuery } from "@/api/people/teams";
import { Menu, MenuItem, MenuLabel, MenuLine } from "@/ui/overlays/menu";
import { RadioItem } from "@/ui/overlays/radio-item";
import { Avatar } from "@/ui/signs/avatar";
import { Icon } from "@/ui/signs/icons";
import { PersonAvatar } from "../person";

interface EntityMenuProps {
  /** The signed-in user. */
  readonly account: string;
  /** The entity on the page; null: none. */
  readonly entity: string | null;
}

export function EntityMenu({ account, entity }: EntityMenuProps) {
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const { data } = useQuery({ ...teamsQuery, enabled: isOpen });
  const teams = data?.teams.filter(({ role, name }) => role !== null || name === entity) ?? [];
  const team = teams.find(({ name }) => name === entity);
  const show = (name: string) => void navigate({ to: "/", search: { view: "projects", entity: name } });
  return (
    <Menu
      isOpen={isOpen}
      onOpen={setOpen}
      target={
        <button type="button" className="btn q sm ico entity-switch" aria-label="Switch entity">
          <Icon name="down" isSmall />
        </button>
      }
    >
      <MenuLabel>Projects of</MenuLabel>
      <RadioItem label={account} isOn={entity === account} onChoose={() => show(account)}>
        <PersonAvatar user={account} size="sm" />
        {account}
        <span className="meta">you</span>
      </RadioItem>
      {teams.map(({ name, display_name }) => (
        <RadioItem key={name} label={name} isOn={name === entity} onChoose={() => show(name)}>
          <Avatar name={name} displayName={display_name} isTeam size="sm" />
          {display_name || name}
        </RadioItem>
      ))}
      <MenuLine />
      {team && (
        <MenuItem
          icon="people"
          onChoose={() => void navigate({ to: "/teams/$team", params: { team: team.name } })}
        >
          Team {team.display_name || team.name}
        </MenuItem>
      )}
      <MenuItem icon="layers" onChoose={() => void navigate({ to: "/", search: { view: "projects" } })}>
        All projects
      </MenuItem>
    </Menu>
  );
}
