/** `/authorize`: the key for scripts on other machines, and the commands that use it. */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { serverKeyQuery } from "@/api/people/users";
import type { ServerInfo } from "@/api/types";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { AccountFrame } from "./account-frame";
import { HiddenKey } from "./hidden-key";
import { LoginCard } from "./keys/key-shown";
import { KeysSection } from "./keys/keys-section";
import { SettingsFrame, SettingsHead } from "./settings-frame";

export function AuthorizePage() {
  return (
    <AccountFrame>
      {(server) =>
        server.account === null ? (
          <ServerUserPage server={server} />
        ) : (
          <SettingsFrame server={server} title="Key and login">
            <KeysSection />
            {server.is_admin && <ServerKeyCard />}
          </SettingsFrame>
        )
      }
    </AccountFrame>
  );
}

/** For the server's own user, who has no account. */
function ServerUserPage({ server }: { server: ServerInfo }) {
  useEffect(() => tellPageStatus({ title: "Key and login" }), []);
  return (
    <main className="account-page">
      <SettingsHead title="Key and login" />
      <section className="card" aria-label="Key">
        <h2>Key</h2>
        {server.user !== null && (
          <p>
            Scripts of <b>{server.user}</b> on this machine need no key. Other users and machines do.
          </p>
        )}
        {server.is_admin && <ServerKey />}
      </section>
      <LoginCard />
    </main>
  );
}

function ServerKeyCard() {
  return (
    <section className="card" aria-label="Key of the server">
      <h2>Key of the server</h2>
      <ServerKey />
    </section>
  );
}

function ServerKey() {
  const { data: key, error } = useQuery(serverKeyQuery);
  return (
    <>
      <p>The key of this server. With it, anyone may do anything here:</p>
      {error ? (
        <p role="alert">The key could not be read: {error.message}</p>
      ) : key === undefined ? (
        <SkeletonRows n={1} label="Loading the key" />
      ) : (
        <HiddenKey text={key} />
      )}
    </>
  );
}
