/** A link that was made, and the HTML with which other sites show its page in a frame. */

import { useState } from "react";
import type { Share } from "@/api/shares";
import { copyText } from "@/ui/browser/copy-text";
import { Button } from "@/ui/controls/button";
import { Select } from "@/ui/controls/select";
import { Field, TextField } from "@/ui/fields/field";
import type { OpenShare } from "../open-share";

export function addressOf(share: Share): string {
  return new URL(share.path, window.location.origin).href;
}

/** @param panel id of the only panel to show; an empty text: all of it */
export function frameHtml(share: Share, panel = ""): string {
  const url = new URL(addressOf(share));
  if (panel !== "") url.searchParams.set("panel", panel);
  const height = panel === "" ? 800 : 400;
  return `<iframe src="${url.href.replaceAll("&", "&amp;")}" width="100%" height="${height}" style="border:0"></iframe>`;
}

interface ShareLinkProps {
  readonly share: Share;
  readonly panels: OpenShare["panels"];
  onDone(): void;
}

export function ShareLink({ share, panels = [], onDone }: ShareLinkProps) {
  const [panel, setPanel] = useState("");
  const address = addressOf(share);
  const html = frameHtml(share, panel);
  const parts = [
    { value: "", label: "The whole report" },
    ...panels.map(({ id, title }) => ({ value: id, label: title })),
  ];
  return (
    <div className="share-form">
      <TextField label="Link" value={address} readOnly data-autofocus onChange={() => undefined} />
      {share.may_embed && (
        <>
          {panels.length > 0 && (
            <Field label="In other pages">
              <Select label="In other pages" value={panel} options={parts} isWide onChange={setPanel} />
            </Field>
          )}
          <TextField
            label="HTML for other pages"
            value={html}
            isMono
            readOnly
            hint="Add &theme=dark or &theme=light to its address where the page has one theme"
            onChange={() => undefined}
          />
        </>
      )}
      <div className="dialog-end">
        <Button onClick={onDone}>Done</Button>
        {share.may_embed && <Button onClick={() => void copyText(html, "the HTML")}>Copy HTML</Button>}
        <Button look="ink" onClick={() => void copyText(address, "the link")}>
          Copy link
        </Button>
      </div>
    </div>
  );
}
