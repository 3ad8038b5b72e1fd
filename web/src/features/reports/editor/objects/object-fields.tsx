/** The fields of simple objects: videos, formulas, cards. */

import { type ComponentType, type KeyboardEvent, useState } from "react";
import { CARD_SUBJECTS } from "@/data/report/document";
import { Select } from "@/ui/controls/select";
import { Field, TextField } from "@/ui/fields/field";
import { ImageFields } from "../images/image-fields";
import { cardOfLink } from "../paste/links";
import { FieldsForm, type FieldsProps, textIn, urlError } from "./fields-form";
import { RunField } from "./run-field";

/** In a field of several lines, too. */
function submitOnEnter(event: KeyboardEvent<HTMLTextAreaElement>): void {
  if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
  event.preventDefault();
  event.currentTarget.form?.requestSubmit();
}

function VideoFields({ members, onChange, onEnd }: FieldsProps) {
  const url = textIn(members, "url");
  return (
    <FieldsForm onEnd={onEnd}>
      <TextField
        label="Address"
        value={url}
        placeholder="https://…"
        error={urlError(url)}
        onChange={(text) => onChange({ url: text.trim() })}
      />
      <TextField
        label="Caption"
        value={textIn(members, "caption")}
        onChange={(text) => onChange({ caption: text })}
      />
    </FieldsForm>
  );
}

/** LaTeX, in as many lines as it takes. */
function LatexFields({ members, onChange, onEnd }: FieldsProps) {
  return (
    <FieldsForm onEnd={onEnd}>
      <Field label="LaTeX">
        <textarea
          className="latex-field"
          aria-label="LaTeX"
          rows={4}
          spellCheck={false}
          value={textIn(members, "latex")}
          placeholder="\sum_{i=1}^{n} x_i"
          onKeyDown={submitOnEnter}
          onChange={(event) => onChange({ latex: event.target.value })}
        />
      </Field>
    </FieldsForm>
  );
}

const SUBJECTS = {
  run: "Run",
  runs: "Runs of a project",
  metric: "Metric of a run",
  artifact: "Artifact",
  sweep: "Sweep",
  table: "Table of a run",
  report: "Report",
} as const;

const PATHS = {
  run: "entity/project/run",
  runs: "entity/project",
  metric: "entity/project/run",
  artifact: "entity/project/name:version",
  sweep: "entity/project/sweep",
  table: "entity/project/run",
  report: "entity/project/report",
} as const;

function CardFields({ members, onChange, onEnd }: FieldsProps) {
  const of = CARD_SUBJECTS.find((subject) => subject === members.of) ?? "run";
  const path = textIn(members, "path");
  const isOfRun = of === "run" || of === "metric" || of === "table";
  const setPath = (text: string) => onChange(cardOfLink(text) ?? { path: text.trim() });
  return (
    <FieldsForm onEnd={onEnd}>
      <Field label="What">
        <Select
          label="What"
          value={of}
          options={CARD_SUBJECTS.map((value) => ({ value, label: SUBJECTS[value] }))}
          isWide
          onChange={(value) => onChange({ of: value })}
        />
      </Field>
      {isOfRun && <RunField path={path} onChange={(next) => onChange({ path: next })} />}
      <TextField
        label="Path, or a link to it"
        isMono
        value={path}
        placeholder={PATHS[of]}
        onChange={setPath}
      />
      {(of === "metric" || of === "table") && (
        <TextField
          label="Name"
          isMono
          value={textIn(members, "key")}
          onChange={(text) => onChange({ key: text })}
        />
      )}
    </FieldsForm>
  );
}

function MentionFields({ members, onChange, onEnd }: FieldsProps) {
  return (
    <FieldsForm onEnd={onEnd}>
      <TextField
        label="User"
        value={textIn(members, "user")}
        onChange={(text) => onChange({ user: text.trim() })}
      />
    </FieldsForm>
  );
}

const FORMATS = ["", "0", "1", "2", "3", "4", "5", "6", "all", "exp"] as const;

function formatLabel(format: string): string {
  if (format === "") return "As it comes";
  if (format === "all") return "All digits";
  return format === "exp" ? "Powers of ten" : `${format} digits after the point`;
}

function ValueFields({ members, onChange, onEnd }: FieldsProps) {
  const key = textIn(members, "key");
  const [typed, setTyped] = useState(key.replace(/^summary\./, ""));
  const format = FORMATS.find((name) => name === String(members.format ?? "")) ?? "";
  return (
    <FieldsForm onEnd={onEnd}>
      <RunField path={textIn(members, "run")} onChange={(run) => onChange({ run })} />
      <TextField
        label="Metric, or a column such as config.lr"
        isMono
        value={typed}
        placeholder="val/loss"
        onChange={(text) => {
          setTyped(text);
          const name = text.trim();
          onChange({ key: name === "" || /^(config|summary|run)\./.test(name) ? name : `summary.${name}` });
        }}
      />
      <Field label="Digits">
        <Select
          label="Digits"
          value={format}
          options={FORMATS.map((value) => ({ value, label: formatLabel(value) }))}
          isWide
          onChange={(value) =>
            onChange({ format: value === "" ? undefined : /^\d$/.test(value) ? Number(value) : value })
          }
        />
      </Field>
    </FieldsForm>
  );
}

/** By kind of block. */
export const FIELDS: Readonly<Record<string, ComponentType<FieldsProps>>> = {
  image: ImageFields,
  video: VideoFields,
  math: LatexFields,
  card: CardFields,
};

/** By kind of object in a line. */
export const INLINE_FIELDS: Readonly<Record<string, ComponentType<FieldsProps>>> = {
  math: LatexFields,
  mention: MentionFields,
  value: ValueFields,
};
