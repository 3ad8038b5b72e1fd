/**
 * Who is signed in, and the pages of the account.
 */

import { Menu, Tooltip } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { serverQuery } from "@/api/projects";
import { Icon } from "@/ui/signs/icons";

export function AccountMenu() {
  const { data: server } = useQuery(serverQuery);
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  // a reader of the documents has no account
  if (!server) return null;
  return (
    <Menu position="bottom-end" onChange={setOpen}>
      <Menu.Target>
        <Tooltip label="Account" disabled={isOpen}>
          <button type="button" className="btn q ico" aria-label="Account">
            <Icon name="user" />
          </button>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{server.account ?? server.user ?? "The server's own user"}</Menu.Label>
        <Menu.Item
          leftSection={<Icon name="key" isSmall />}
          onClick={() => void navigate({ to: "/authorize" })}
        >
          Key and login
        </Menu.Item>
        <Menu.Item
          leftSection={<Icon name="gear" isSmall />}
          onClick={() => void navigate({ to: "/settings" })}
        >
          Settings
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
