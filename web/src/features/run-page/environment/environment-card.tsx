/**
 * What a run ran in: repository, machine, what could not be found out, and the ways to packages, changes and code.
 */

import { useState } from "react";
import { remoteLink, type Wanted } from "@/data/environment";
import { formatNoun } from "@/data/format";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { Fact, Facts } from "../facts";
import { SourceDialog } from "./source-dialog";
import { useEnvironment } from "./use-environment";
import "./environment.css";

const PARTS: readonly { readonly wanted: Wanted; readonly name: string }[] = [
  { wanted: "packages", name: "Packages" },
  { wanted: "changes", name: "Changes" },
  { wanted: "code", name: "Code" },
];

export function EnvironmentCard() {
  const { facts, stored } = useEnvironment();
  const [opened, setOpened] = useState<Wanted | null>(null);
  if (!stored) return null;
  const { git, codePath, notes, redacted } = facts;
  const nRedacted = redacted.reduce((sum, [, n]) => sum + n, 0);
  const link = git.remote && remoteLink(git.remote);
  return (
    <section className="card" aria-label="Environment">
      <h2>Environment</h2>
      <Facts>
        {git.remote && (
          <Fact name="Repository" isMono title={git.remote}>
            {link ? (
              <a href={link} target="_blank" rel="noopener noreferrer">
                {git.remote}
              </a>
            ) : (
              git.remote
            )}
          </Fact>
        )}
        {git.branch && (
          <Fact name="Branch" isMono title={git.branch}>
            {git.branch}
          </Fact>
        )}
        {git.commit && (
          <Fact name="Commit">
            <span className="mono" title={git.commit}>
              {git.commit.slice(0, 10)}
            </span>{" "}
            <CopyButton text={git.commit} label="Copy commit" isIcon />
            {git.isDirty && (
              <button type="button" className="link" onClick={() => setOpened("changes")}>
                with uncommitted changes
              </button>
            )}
          </Fact>
        )}
        {codePath && (
          <Fact name="Script" isMono title={codePath}>
            {codePath}
          </Fact>
        )}
        {facts.machine.map(({ name, text }) => (
          <Fact key={name} name={name} isMono={name === "Host"} title={text}>
            {text}
          </Fact>
        ))}
        {nRedacted > 0 && (
          <Fact name="Secrets" title={redacted.map(([kind, n]) => `${n} ${kind}`).join(", ")}>
            {formatNoun(nRedacted, "secret")} redacted:{" "}
            <span className="muted">{redacted.map(([kind, n]) => `${n} ${kind}`).join(", ")}</span>
          </Fact>
        )}
      </Facts>
      {notes.length > 0 && (
        <ul className="env-notes" aria-label="Notes on the environment">
          {notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <div className="env-parts">
        {PARTS.map(({ wanted, name }) => (
          <Button key={wanted} isSmall onClick={() => setOpened(wanted)}>
            {name}
          </Button>
        ))}
      </div>
      {opened && <SourceDialog wanted={opened} onClosed={() => setOpened(null)} />}
    </section>
  );
}
