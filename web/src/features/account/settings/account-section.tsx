/** `/settings`: profile and password of the signed-in user. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useRef, useState } from "react";
import { type Account, accountQuery, editAccount, setPicture } from "@/api/people/account";
import { teamsQuery } from "@/api/people/teams";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { attempt, showDone } from "@/ui/overlays/toasts";
import { Fault } from "@/ui/signs/fault";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { SettingRow, TextSetting } from "../../people/setting-row";
import { notePictureChange, PersonAvatar } from "../../person";
import { useMayChange } from "../../use-rights";
import { SettingsHead } from "../settings-frame";
import { PasswordDialog } from "./password-dialog";

export function AccountSection() {
  const { data: account, error, refetch } = useQuery(accountQuery);
  return (
    <>
      <SettingsHead title="Account">What others see of you, and how you sign in.</SettingsHead>
      {error && !account ? (
        <section className="card">
          <Fault title="The account could not be read" error={error} onRetry={refetch} />
        </section>
      ) : account === undefined ? (
        <section className="card">
          <SkeletonRows n={4} label="Loading the account" height={44} />
        </section>
      ) : (
        <>
          <ProfileCard account={account} />
          <SignInCard account={account} />
        </>
      )}
    </>
  );
}

function ProfileCard({ account }: { account: Account }) {
  const mayChange = useMayChange();
  const client = useQueryClient();
  const save = async (edit: Parameters<typeof editAccount>[1]) => {
    client.setQueryData(accountQuery.queryKey, await editAccount(account.name, edit));
  };
  return (
    <section className="card" aria-label="Profile">
      <h2>Profile</h2>
      <TextSetting
        name="Display name"
        hint="next to runs and notes"
        value={account.display_name}
        placeholder={account.name}
        isDisabled={!mayChange}
        save={(display_name) => save({ display_name })}
      />
      <SettingRow name="User name" hint="also your entity, in links">
        <span className="mono">{account.name}</span>
      </SettingRow>
      {mayChange && <PictureRow account={account} />}
      <TextSetting
        name="Mail address"
        hint="for a forgotten password"
        type="email"
        value={account.email ?? ""}
        placeholder="none"
        isDisabled={!mayChange}
        note={
          account.email !== null && (
            <span className={`flag ${account.is_email_verified ? "pos" : "neu"}`}>
              {account.is_email_verified ? "confirmed" : "not confirmed"}
            </span>
          )
        }
        save={(email) => save({ email: email === "" ? null : email })}
      />
      {mayChange && <DefaultEntityRow account={account} save={save} />}
    </section>
  );
}

/** Shown to those who are in a team that has a role for them. */
function DefaultEntityRow({
  account,
  save,
}: {
  account: Account;
  save(edit: { default_entity: string }): Promise<void>;
}) {
  const { data: teams = [] } = useQuery({ ...teamsQuery, select: ({ teams }) => teams });
  const own = teams.filter(({ role }) => role !== null).map(({ name }) => name);
  if (own.length === 0) return null;
  return (
    <SettingRow name="Default entity" hint="of runs that name none">
      <Select
        label="Default entity"
        value={account.default_entity ?? account.name}
        options={[account.name, ...own].map((value) => ({ value, label: value }))}
        onChange={(default_entity) =>
          void attempt("Could not change the default entity", () => save({ default_entity }))
        }
      />
    </SettingRow>
  );
}

const PICTURE_TYPES = "image/png,image/jpeg,image/webp";

function PictureRow({ account }: { account: Account }) {
  const input = useRef<HTMLInputElement>(null);
  const change = (done: string, picture: File | null) =>
    attempt("Could not change the picture", async () => {
      await setPicture(account.name, picture);
      notePictureChange();
      showDone(done);
    });
  const choose = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    event.target.value = "";
    if (file) void change("The picture is changed", file);
  };
  return (
    <SettingRow
      name="Picture"
      hint="PNG, JPEG or WebP, at most 256 kB"
      act={
        <Button isSmall look="quiet" onClick={() => void change("The picture is removed", null)}>
          Use initials
        </Button>
      }
    >
      <span className="row">
        <PersonAvatar user={account.name} displayName={account.display_name} size="lg" />
        <input
          ref={input}
          type="file"
          accept={PICTURE_TYPES}
          className="sr"
          tabIndex={-1}
          aria-label="Picture file"
          onChange={choose}
        />
        <Button onClick={() => input.current?.click()}>Upload</Button>
      </span>
    </SettingRow>
  );
}

function SignInCard({ account }: { account: Account }) {
  const mayChange = useMayChange();
  const [isChanging, setChanging] = useState(false);
  return (
    <section className="card" aria-label="Sign-in">
      <h2>Sign-in</h2>
      <SettingRow
        name="Password"
        act={
          mayChange && (
            <Button onClick={() => setChanging(true)}>{account.has_password ? "Change" : "Set"}</Button>
          )
        }
      >
        <span className="t2">{account.has_password ? "set" : "none: you sign in another way"}</span>
      </SettingRow>
      {account.identities.map(({ issuer, title }) => (
        <SettingRow key={issuer} name={title} hint="signs you in">
          <span className="mono t2">{issuer}</span>
        </SettingRow>
      ))}
      <SettingRow name="Rights on this server">
        <span className="t2">{account.is_admin ? "administrator: you may do anything" : "user"}</span>
      </SettingRow>
      {isChanging && <PasswordDialog account={account} onClose={() => setChanging(false)} />}
    </section>
  );
}
