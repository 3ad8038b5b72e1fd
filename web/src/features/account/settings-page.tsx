/**
 * `/settings`: how this browser shows the app, whose account it uses, and the server and its users.
 */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect } from "react";
import { usersQuery } from "@/api/account";
import type { ServerInfo } from "@/api/types";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { Ago } from "@/ui/text/ago";
import { type Palette, type ThemeChoice, useTheme } from "@/ui/theme";
import { tellPageStatus } from "../page-status";
import { AccountFrame } from "./account-frame";

const THEMES: readonly { value: ThemeChoice; label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "system", label: "Same as the system" },
];
const PALETTES: readonly { value: Palette; label: string }[] = [
  { value: "std", label: "Standard, 12" },
  { value: "safe", label: "Color-blind-safe, 8" },
];

export function SettingsPage() {
  useEffect(() => tellPageStatus({ title: "Settings" }), []);
  return (
    <AccountFrame>
      {(server) => (
        <>
          <BrowserCard />
          <AccountCard server={server} />
          <ServerCard server={server} />
          {server.is_admin && <UsersCard />}
        </>
      )}
    </AccountFrame>
  );
}

function BrowserCard() {
  const { choice, palette, setChoice, setPalette } = useTheme();
  return (
    <section className="card" aria-label="Appearance">
      <h2>Appearance</h2>
      <p>Saved in this browser.</p>
      <dl>
        <Fact name="Theme">
          <SegmentedControl label="Theme" value={choice} options={THEMES} onChange={setChoice} />
        </Fact>
        <Fact name="Run colors">
          <SegmentedControl label="Run colors" value={palette} options={PALETTES} onChange={setPalette} />
        </Fact>
      </dl>
    </section>
  );
}

function AccountCard({ server }: { server: ServerInfo }) {
  return (
    <section className="card" aria-label="Account">
      <h2>Account</h2>
      <dl>
        <Fact name="User">{server.account ?? `${server.user ?? "the server's own user"} (no account)`}</Fact>
        <Fact name="Entity">{server.entity}</Fact>
        <Fact name="Access">{server.is_admin ? "everything on this server" : "your own projects"}</Fact>
        <Fact name="Scripts">
          <Link to="/authorize">Key and login</Link>
        </Fact>
      </dl>
    </section>
  );
}

function ServerCard({ server }: { server: ServerInfo }) {
  return (
    <section className="card" aria-label="Server">
      <h2>Server</h2>
      <dl>
        <Fact name="Address">
          <span className="mono">{server.url}</span>
        </Fact>
        <Fact name="Version">weft {server.version}</Fact>
        {server.data !== null && (
          <Fact name="Data directory">
            <span className="mono">{server.data}</span>
          </Fact>
        )}
      </dl>
    </section>
  );
}

function UsersCard() {
  const { data: users, error } = useQuery(usersQuery);
  return (
    <section className="card" aria-label="Users">
      <h2>Users</h2>
      {error ? (
        <p role="alert">The users could not be read: {error.message}</p>
      ) : users === undefined ? (
        <SkeletonRows n={2} label="Loading the users" />
      ) : users.length === 0 ? (
        <p>
          No users yet. <code className="mono">weft server user add NAME</code> on the server's machine adds
          one and prints their key.
        </p>
      ) : (
        <table className="data-table">
          <thead>
            <tr>
              <th>Name</th>
              <th>Administrator</th>
              <th>Added</th>
            </tr>
          </thead>
          <tbody>
            {users.map((user) => (
              <tr key={user.name}>
                <td className="ell">{user.name}</td>
                <td>{user.is_admin ? "yes" : "no"}</td>
                <td>
                  <Ago micros={user.created_micros} suffix=" ago" />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
