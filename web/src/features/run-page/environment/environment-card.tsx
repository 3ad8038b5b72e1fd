/**
 * The environment of a run: repository, machine, missing facts, and the ways to packages, changes and code.
 */

import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { NO_REPOSITORY, remoteLink } from "@/data/environment/environment";
import { formatNoun } from "@/data/text/format";
import { Fact, Facts } from "@/ui/cards/facts";
import { Button } from "@/ui/controls/button";
import { CopyButton } from "@/ui/controls/copy-button";
import { COMMIT } from "../code/code-url";
import { TABS } from "../run-tabs";
import { useShownRun } from "../shown-run";
import { PackagesDialog } from "./packages-dialog";
import { useEnvironment } from "./use-environment";
import "./environment.css";

export function EnvironmentCard() {
  const { facts, stored, why } = useEnvironment();
  const { project, run } = useShownRun();
  const [isOpen, setOpen] = useState(false);
  const params = { ...project, run: run.id };
  const changes = { against: COMMIT } as never;
  if (!stored) return null;
  const { git, codePath, notes, redacted } = facts;
  const nRedacted = redacted.reduce((sum, [, n]) => sum + n, 0);
  const link = git.remote && remoteLink(git.remote);
  const none = why("commit");
  const hasNoRepository = !git.commit && none.title === NO_REPOSITORY;
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
        {hasNoRepository && (
          <Fact name="Repository" title={none.reason}>
            <span className="muted">none</span>
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
              <Link to={TABS.code} params={params} search={changes}>
                with uncommitted changes
              </Link>
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
        <Button isSmall onClick={() => setOpen(true)}>
          Packages
        </Button>
        {!hasNoRepository && (
          <Link className="btn sm" to={TABS.code} params={params} search={changes}>
            Changes
          </Link>
        )}
        <Link className="btn sm" to={TABS.code} params={params}>
          Code
        </Link>
      </div>
      {isOpen && <PackagesDialog onClosed={() => setOpen(false)} />}
    </section>
  );
}
