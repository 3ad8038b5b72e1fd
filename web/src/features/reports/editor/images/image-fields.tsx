/** The fields of an image: a file, or the address of one elsewhere. */

import { type ClipboardEvent, useRef } from "react";
import { IMAGE_TYPES, isHash } from "@/api/reports/images";
import { Button } from "@/ui/controls/button";
import { Field, TextField } from "@/ui/fields/field";
import { FieldsForm, type FieldsProps, textIn, urlError } from "../objects/fields-form";
import { useSession } from "../session";
import { takeImages } from "./insert-images";
import { useUpload } from "./written-image";

export function ImageFields({ id, members, onChange, onEnd }: FieldsProps) {
  const { uploads } = useSession();
  const upload = useUpload(id);
  const url = textIn(members, "url");
  const isSending = upload !== null && upload.state.is !== "stored";
  const hasFile = isHash(members.sha256) || isSending;
  const send = (files: readonly File[]) => {
    const [image] = takeImages(files.slice(0, 1));
    if (!image) return;
    onChange({ sha256: undefined, url: "" });
    uploads.start(id, image);
    onEnd();
  };
  const onPaste = (event: ClipboardEvent) => {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    send(files);
  };
  return (
    <div onPaste={onPaste}>
      <FieldsForm onEnd={onEnd}>
        <FileField hasFile={hasFile} onFiles={send} />
        {hasFile ? null : (
          <TextField
            label="Or its address"
            value={url}
            placeholder="https://…"
            error={urlError(url)}
            hint="Images of other servers are shown as links: reading a report calls no one."
            onChange={(text) => onChange({ url: text.trim() })}
          />
        )}
        <TextField
          label="Description for those who do not see it"
          value={textIn(members, "alt")}
          onChange={(text) => onChange({ alt: text })}
        />
        <TextField
          label="Caption"
          value={textIn(members, "caption")}
          onChange={(text) => onChange({ caption: text })}
        />
      </FieldsForm>
    </div>
  );
}

function FileField({ hasFile, onFiles }: { hasFile: boolean; onFiles(files: readonly File[]): void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <Field label="File" hint="PNG, JPEG, GIF or WebP, at most 10 MB. Images can also be pasted and dropped.">
      <input
        ref={input}
        type="file"
        accept={IMAGE_TYPES.join(",")}
        className="sr"
        tabIndex={-1}
        aria-label="Image file"
        onChange={(event) => {
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          onFiles(files);
        }}
      />
      <Button isSmall icon="image" onClick={() => input.current?.click()}>
        {hasFile ? "Choose another file…" : "Choose a file…"}
      </Button>
    </Field>
  );
}
