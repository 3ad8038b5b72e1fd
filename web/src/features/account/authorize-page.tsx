/**
 * `/authorize`: the key for scripts on other machines, and the commands that use it.
 */

import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { serverKeyQuery } from "@/api/account";
import type { ServerInfo } from "@/api/types";
import { CopyButton } from "@/ui/controls/copy-button";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { tellPageStatus } from "../page-status";
import { AccountFrame } from "./account-frame";
import { HiddenKey } from "./hidden-key";
import { NewKey } from "./new-key";

export function AuthorizePage() {
  useEffect(() => tellPageStatus({ title: "Key and login" }), []);
  return (
    <AccountFrame>
      {(server) => (
        <>
          <KeyCard server={server} />
          <LoginCard server={server} />
        </>
      )}
    </AccountFrame>
  );
}

function KeyCard({ server }: { server: ServerInfo }) {
  return (
    <section className="card" aria-label="Key">
      <h2>Key</h2>
      {server.account !== null && (
        <>
          <p>
            You are signed in as <b>{server.account}</b>. Your own key was shown when it was made; the server
            stores only its hash. If you lost it, or others may have seen it, make a new one.
          </p>
          <NewKey account={server.account} />
        </>
      )}
      {server.account === null && server.user !== null && (
        <p>
          Scripts of <b>{server.user}</b> on this machine need no key. Other users and machines do.
        </p>
      )}
      {server.is_admin && <ServerKey hasAccount={server.account !== null} />}
    </section>
  );
}

function ServerKey({ hasAccount }: { hasAccount: boolean }) {
  const { data: key, error } = useQuery(serverKeyQuery);
  return (
    <>
      <p>
        {hasAccount
          ? "The key of the server itself, which you may see as an administrator:"
          : "The key of this server. With it, anyone may do anything here:"}
      </p>
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

function LoginCard({ server }: { server: ServerInfo }) {
  const url = server.url || window.location.origin;
  return (
    <section className="card" aria-label="Log in">
      <h2>Log in</h2>
      <p>On the machine of your scripts, once. The command asks for the key and saves it:</p>
      <Command text={`weft login --host ${url}`} />
      <p>Where no one can type, as in a job of a cluster, set two variables instead:</p>
      <Command text={`export WEFT_BASE_URL=${url}\nexport WEFT_API_KEY=your-key`} />
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="key-line">
      <pre className="mono grow">{text}</pre>
      <CopyButton text={text} label="Copy command" isIcon />
    </div>
  );
}
