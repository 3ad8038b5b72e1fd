/** Shares a part of a project by a link, and lists the project's links. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { serverQuery } from "@/api/projects";
import { createShare, type Share, type ShareCreate } from "@/api/shares";
import { formatDay, formatNoun } from "@/data/text/format";
import { Checkbox } from "@/ui/controls/checkbox";
import { Select } from "@/ui/controls/select";
import { Field, TextField } from "@/ui/fields/field";
import { Dialog } from "@/ui/overlays/dialog";
import { DialogForm, useSending } from "@/ui/overlays/dialog-form";
import { type OpenShare, useOpenShare } from "../open-share";
import { ShareLink } from "./share-link";
import { ShareList } from "./share-list";
import "./share.css";

const ENDS = [
  { value: "7", label: "After 7 days" },
  { value: "30", label: "After 30 days" },
  { value: "90", label: "After 90 days" },
  { value: "365", label: "After a year" },
  { value: "never", label: "Never" },
] as const;
type End = (typeof ENDS)[number]["value"];

const SUBJECTS = {
  run: "this run",
  selection: "the selected runs",
  view: "this view",
  panel: "this panel",
  report: "this report",
};

export default function ShareDialog({ project, share, panels, lacksFigures = false }: OpenShare) {
  const client = useQueryClient();
  const [name, setName] = useState(() => share.name || firstTitleOf(share));
  const [end, setEnd] = useState<End>("30");
  const [mayEmbed, setEmbed] = useState(false);
  const [showsFiles, setFiles] = useState(false);
  const [showsConsole, setConsole] = useState(false);
  const [showsRuns, setRuns] = useState(false);
  const [showsPages, setPages] = useState(false);
  const [made, setMade] = useState<Share | null>(null);
  const close = () => useOpenShare.setState({ open: null });
  const sending = useSending(async () => {
    const days = end === "never" ? null : Number(end);
    const hasPages = showsRuns && showsPages;
    const hasRunParts = share.kind === "run" || hasPages;
    const parts = {
      may_embed: mayEmbed,
      shows_files: hasRunParts && showsFiles,
      shows_console: hasRunParts && showsConsole,
      shows_runs: showsRuns,
      shows_pages: hasPages,
    };
    setMade(await createShare(client, project, { ...share, name, days, ...parts }));
  });
  const { data: server } = useQuery(serverQuery);
  const sites = server?.embed_sites ?? [];
  const isReport = share.kind === "report";
  const runParts = (
    <>
      <Checkbox label="Show its files and media" isOn={showsFiles} onChange={setFiles}>
        Show its files and media
      </Checkbox>
      <Checkbox label="Show its console" isOn={showsConsole} onChange={setConsole}>
        Show its console
      </Checkbox>
    </>
  );
  return (
    <Dialog title={`Share ${SUBJECTS[share.kind]}`} isOpen width={480} hasInput onClose={close}>
      <p className="share-says">
        Anyone with the link sees {contentOf(share)}, without an account, and nothing else of this project.
      </p>
      {lacksFigures && (
        <p className="share-says">
          Its figures are not stored yet, so readers see its text alone: use <b>Store figures</b> above the
          report.
        </p>
      )}
      {made ? (
        <ShareLink share={made} panels={panels} onDone={close} />
      ) : (
        <DialogForm sending={sending} className="share-form" action="Create link" onCancel={close}>
          <TextField
            label={isReport ? "Name" : "Title"}
            value={name}
            error={sending.fault}
            hint={
              isReport
                ? "Of the link, in the list below; readers see the report's title"
                : "What readers see above it"
            }
            data-autofocus
            onChange={sending.edits(setName)}
          />
          <Field label="Ends">
            <Select label="Ends" value={end} options={[...ENDS]} isWide onChange={setEnd} />
          </Field>
          {share.kind === "run" && runParts}
          {isReport && (
            <>
              <Checkbox label="With the runs behind it" isOn={showsRuns} onChange={setRuns}>
                With the runs behind it
              </Checkbox>
              <p className="share-note">
                Readers may switch to Now: panels draw the runs that its run sets have then, with the metrics
                and columns that they name.
              </p>
              {showsRuns && (
                <div className="share-deeper">
                  <Checkbox label="A page for each run" isOn={showsPages} onChange={setPages}>
                    A page for each run
                  </Checkbox>
                  <p className="share-note">
                    With all of its config, summary, notes and metrics; without people and machines.
                  </p>
                  {showsPages && runParts}
                </div>
              )}
            </>
          )}
          <Checkbox
            label="Other sites may embed it"
            isOn={mayEmbed}
            isDisabled={sites.length === 0}
            onChange={setEmbed}
          >
            Other sites may embed it
          </Checkbox>
          <p className="share-note">{sitesText(sites)}</p>
        </DialogForm>
      )}
      <ShareList project={project} report={share.report ?? null} />
    </Dialog>
  );
}

/** A proposal for what has no name of its own: readers, and the list of links, tell views apart by it. */
function firstTitleOf({ kind }: ShareCreate): string {
  return kind === "view" ? `View of ${formatDay(Date.now() * 1000)}` : "";
}

function contentOf({ kind, runs }: ShareCreate): string {
  if (kind === "report")
    return "what is published of this report, now and later: its text, and its figures as they were stored";
  if (kind === "run") return "this run";
  return `${runs ? formatNoun(runs.length, "run") : "the listed runs"}, as chosen now`;
}

function sitesText(sites: readonly string[]): string {
  if (sites.length === 0)
    return "This server lets no other site do so: its administrator names sites in embed_sites.";
  return sites.includes("*") ? "On any site." : `On ${sites.join(", ")}.`;
}
