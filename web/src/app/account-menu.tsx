/**
 * Who is signed in, and the pages of the account.
 */

import { Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { serverQuery } from "@/api/projects";
import { Menu, MenuItem, MenuLabel } from "@/ui/overlays/menu";
import { Icon } from "@/ui/signs/icons";

export function AccountMenu() {
  const { data: server } = useQuery(serverQuery);
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  // a reader of the documents has no account
  if (!server) return null;
  return (
    <Menu
      position="bottom-end"
      isOpen={isOpen}
      onOpen={setOpen}
      target={
        <Tooltip label="Account" disabled={isOpen}>
          <button type="button" className="btn q ico" aria-label="Account">
            <Icon name="user" />
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
    </Menu>
  );
}
