/** Shares a part of a project by a link, and lists the project's links. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { createShare, revokeShare, type Share, sharesQuery } from "@/api/shares";
import type { ProjectRef } from "@/api/types";
import { formatDay, formatNoun } from "@/data/text/format";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { Checkbox } from "@/ui/controls/checkbox";
import { IconButton } from "@/ui/controls/icon-button";
import { Select } from "@/ui/controls/select";
import { Field, TextField } from "@/ui/fields/field";
import { ConfirmDialog } from "@/ui/overlays/confirm-dialog";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { attempt } from "@/ui/overlays/toasts";
import { Ago } from "@/ui/text/ago";
import { type OpenShare, useOpenShare } from "../open-share";
import "./share.css";

const ENDS = [
  { value: "7", label: "After 7 days" },
  { value: "30", label: "After 30 days" },
  { value: "90", label: "After 90 days" },
  { value: "365", label: "After a year" },
  { value: "never", label: "Never" },
] as const;
type End = (typeof ENDS)[number]["value"];

const SUBJECTS = { run: "this run", selection: "the selected runs", view: "this view", panel: "this panel" };

export default function ShareDialog({ project, share }: OpenShare) {
  const client = useQueryClient();
  const [name, setName] = useState(share.name ?? "");
  const [end, setEnd] = useState<End>("30");
  const [mayEmbed, setEmbed] = useState(false);
  const [showsFiles, setFiles] = useState(false);
  const [showsConsole, setConsole] = useState(false);
  const [made, setMade] = useState<Share | null>(null);
  const close = () => useOpenShare.setState({ open: null });
  const sending = useSending(async () => {
    const days = end === "never" ? null : Number(end);
    const parts = { may_embed: mayEmbed, shows_files: showsFiles, shows_console: showsConsole };
    setMade(await createShare(client, project, { ...share, name, days, ...parts }));
  });
  const nRuns = share.runs?.length;
  return (
    <Dialog title={`Share ${SUBJECTS[share.kind]}`} isOpen width={480} hasInput onClose={close}>
      <p className="share-says">
        Anyone with the link sees{" "}
        {share.kind === "run"
          ? "this run"
          : `${nRuns === undefined ? "the listed runs" : formatNoun(nRuns, "run")}, as chosen now`}
        , without an account, and nothing else of this project.
      </p>
      {made ? (
        <LinkField share={made} onDone={close} />
      ) : (
        <DialogForm sending={sending} className="share-form" action="Create link" onCancel={close}>
          <TextField
            label="Title"
            value={name}
            error={sending.fault}
            hint="What readers see above it"
            data-autofocus
            onChange={sending.edits(setName)}
          />
          <Field label="Ends">
            <Select label="Ends" value={end} options={[...ENDS]} isWide onChange={setEnd} />
          </Field>
          {share.kind === "run" && (
            <>
              <Checkbox label="Show its files and media" isOn={showsFiles} onChange={setFiles}>
                Show its files and media
              </Checkbox>
              <Checkbox label="Show its console" isOn={showsConsole} onChange={setConsole}>
                Show its console
              </Checkbox>
            </>
          )}
          <Checkbox label="Other sites may embed it" isOn={mayEmbed} onChange={setEmbed}>
            Other sites may embed it
          </Checkbox>
        </DialogForm>
      )}
      <ShareList project={project} />
    </Dialog>
  );
}

function partsOf({ shows_files, shows_console }: Share): string {
  const parts = [shows_files && "files", shows_console && "console"].filter(Boolean);
  return parts.length > 0 ? ` with ${parts.join(" and ")}` : "";
}

function endOf({ expires_micros, has_expired }: Share): string {
  if (expires_micros === null) return ", never ends";
  return `, ${has_expired ? "ended" : "ends"} ${formatDay(expires_micros)}`;
}

function addressOf(share: Share): string {
  return new URL(share.path, window.location.origin).href;
}

function LinkField({ share, onDone }: { share: Share; onDone(): void }) {
  const address = addressOf(share);
  return (
    <div className="share-form">
      <TextField label="Link" value={address} readOnly data-autofocus onChange={() => undefined} />
      <div className="dialog-end">
        <Button onClick={onDone}>Done</Button>
        <Button look="ink" onClick={() => void copyText(address, "the link")}>
          Copy link
        </Button>
      </div>
    </div>
  );
}

function ShareList({ project }: { project: ProjectRef }) {
  const client = useQueryClient();
  const { data: shares = [] } = useQuery(sharesQuery(project));
  const [doomed, setDoomed] = useState<Share | null>(null);
  if (shares.length === 0) return null;
  const revoke = async (share: Share) => {
    setDoomed(null);
    await attempt("Could not revoke it", () => revokeShare(client, project, share.id));
  };
  return (
    <section className="share-list" aria-label="Shares of this project">
      <h3>Shared from this project</h3>
      <ul>
        {shares.map((share) => (
          <li key={share.id}>
            <span className="what">
              <b dir="auto">{share.name || share.kind}</b>
              <small>
                {share.kind}
                {partsOf(share)}
                {share.user && <>, by {share.user}</>}, <Ago micros={share.created_micros} suffix=" ago" />
                {endOf(share)}, opened {formatNoun(share.n_opened, "time")}
              </small>
            </span>
            <IconButton
              icon="link"
              label={`Copy the link of ${share.name || share.kind}`}
              isSmall
              onClick={() => void copyText(addressOf(share), "the link")}
            />
            <Button isSmall onClick={() => setDoomed(share)}>
              Revoke
            </Button>
          </li>
        ))}
      </ul>
      <ConfirmDialog
        title={`Revoke the link to ${doomed ? doomed.name || doomed.kind : ""}?`}
        isOpen={doomed !== null}
        action="Revoke link"
        onClose={() => setDoomed(null)}
        onConfirm={() => doomed && void revoke(doomed)}
      >
        <p className="dialog-text">
          Readers who have the link, and pages that embed it, see nothing more at once. Nothing restores the
          link: a new share has another one.
        </p>
      </ConfirmDialog>
    </section>
  );
}
