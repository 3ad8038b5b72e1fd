/**
 * Packages, changes or code of a run in a dialog. Files are loaded only when it is opened.
 */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo, useState } from "react";
import type { StoredFile } from "@/api/files";
import { contentQuery } from "@/api/media";
import type { Wanted } from "@/data/environment";
import { formatBytes, formatCount, formatNoun } from "@/data/format";
import { readCode, readPatch } from "@/data/source-lines";
import { matcherFor } from "@/data/text-match";
import { CopyButton } from "@/ui/controls/copy-button";
import { Select } from "@/ui/controls/select";
import { Dialog } from "@/ui/overlays/dialog";
import { EmptyState } from "@/ui/signs/empty-state";
import { SkeletonRows } from "@/ui/signs/skeleton";
import { CardSearch } from "../config-card";
import { SourceLinesView } from "./source-lines-view";
import { useEnvironment } from "./use-environment";

/** Larger files can only be downloaded. */
const MOST_BYTES = 16 * 2 ** 20;
const TITLES = { packages: "Packages", changes: "Changes", code: "Code" } as const;

interface SourceDialogProps {
  readonly wanted: Wanted;
  onClosed(): void;
}

export function SourceDialog({ wanted, onClosed }: SourceDialogProps) {
  const [isOpen, setOpen] = useState(true);
  return (
    <Dialog
      title={TITLES[wanted]}
      isOpen={isOpen}
      width={wanted === "packages" ? 480 : 1080}
      onClose={() => setOpen(false)}
      onClosed={onClosed}
    >
      <div className="source-dialog">
        <Parts wanted={wanted} />
      </div>
    </Dialog>
  );
}

function Parts({ wanted }: { wanted: Wanted }) {
  const { stored, facts, why } = useEnvironment();
  const files = filesOf(wanted, stored);
  const [path, setPath] = useState<string | null>(null);
  const file = files.find((one) => one.path === (path ?? facts.code)) ?? files[0];
  if (!file) {
    const { title, reason } = why(wanted);
    return <EmptyState title={title}>{reason}</EmptyState>;
  }
  const choice = files.length > 1 && (
    <Select
      label="File"
      value={file.path}
      options={files.map((one) => ({ value: one.path, label: nameOf(one.path) }))}
      onChange={setPath}
    />
  );
  return (
    <StoredText key={file.path} file={file} choice={choice}>
      {(text) => {
        if (wanted === "packages") return <Packages file={file} text={text} />;
        if (wanted === "changes") return <Changes file={file} text={text} choice={choice} />;
        return <Code file={file} text={text} choice={choice} />;
      }}
    </StoredText>
  );
}

function filesOf(wanted: Wanted, stored: ReturnType<typeof useEnvironment>["stored"]): readonly StoredFile[] {
  if (!stored) return [];
  if (wanted === "packages") return stored.packages ? [stored.packages] : [];
  return wanted === "changes" ? stored.patches : stored.code;
}

function nameOf(path: string): string {
  if (path === "diff.patch") return "Uncommitted changes";
  if (path === "diff_upstream.patch") return "Changes since the upstream branch";
  return path.replace(/^code\//, "");
}

interface StoredTextProps {
  readonly file: StoredFile;
  readonly choice: ReactNode;
  readonly children: (text: string) => ReactNode;
}

/** The text of a file, or why it is not there. */
function StoredText({ file, choice, children }: StoredTextProps) {
  const isShown = file.state === "stored" && file.n_bytes <= MOST_BYTES;
  const text = useQuery({
    ...contentQuery(file, "text", (answer) => answer.text()),
    enabled: isShown,
  });
  if (text.data !== undefined) return children(text.data);
  if (text.isError || !isShown)
    return (
      <>
        {choice}
        <EmptyState
          title={
            file.state === "awaited"
              ? "Not sent yet"
              : isShown || file.state === "failed"
                ? `${file.path} can't be read`
                : `${file.path} is too large to be shown`
          }
          action={file.state === "stored" && <Download file={file} />}
        >
          {file.state === "awaited"
            ? "The run has this file, and its content is on the way. weft sync sends what is left on its machine."
            : (file.error ?? text.error?.message ?? formatBytes(file.n_bytes))}
        </EmptyState>
      </>
    );
  return <SkeletonRows n={12} height={18} />;
}

function Download({ file }: { file: StoredFile }) {
  return (
    <a className="btn sm" href={file.url} download={file.path.split("/").at(-1)}>
      Download
    </a>
  );
}

function Packages({ file, text }: { file: StoredFile; text: string }) {
  const [search, setSearch] = useState("");
  const packages = useMemo(() => text.split("\n").filter((line) => line !== ""), [text]);
  const found = useMemo(() => {
    const matcher = matcherFor(search.trim(), false);
    return packages.filter((line) => matcher.test?.(line));
  }, [packages, search]);
  const lines = useMemo(
    () => found.map((line) => ({ text: line, kind: "plain" as const, number: null })),
    [found],
  );
  return (
    <>
      <div className="source-tools">
        <span className="tn" role="status">
          {search
            ? `${formatCount(found.length)} of ${formatNoun(packages.length, "package")}`
            : formatNoun(packages.length, "package")}
        </span>
        <span className="grow" />
        <CopyButton text={text} />
        <Download file={file} />
      </div>
      <CardSearch label="Search packages" value={search} onChange={setSearch} />
      <SourceLinesView label="Packages" lines={lines} />
    </>
  );
}

interface SourceProps {
  readonly file: StoredFile;
  readonly text: string;
  readonly choice: ReactNode;
}

function Changes({ file, text, choice }: SourceProps) {
  const { lines, files } = useMemo(() => readPatch(text), [text]);
  const [at, setAt] = useState(0);
  const nAdded = files.reduce((sum, one) => sum + one.nAdded, 0);
  const nRemoved = files.reduce((sum, one) => sum + one.nRemoved, 0);
  return (
    <>
      <div className="source-tools">
        {choice}
        {files.length > 1 && (
          <Select
            label="Go to"
            hasLabel
            value={String(at)}
            options={files.map((one) => ({
              value: String(one.at),
              label: one.path,
              meta: `+${formatCount(one.nAdded)} −${formatCount(one.nRemoved)}`,
            }))}
            onChange={(value) => setAt(Number(value))}
          />
        )}
        <span className="tn">
          {formatNoun(files.length, "file")}, <span className="added">+{formatCount(nAdded)}</span>{" "}
          <span className="removed">−{formatCount(nRemoved)}</span>
        </span>
        <span className="grow" />
        <CopyButton text={text} />
        <Download file={file} />
      </div>
      <SourceLinesView label={nameOf(file.path)} lines={lines} at={at} />
    </>
  );
}

function Code({ file, text, choice }: SourceProps) {
  const lines = useMemo(() => readCode(file.path, text), [file.path, text]);
  return (
    <>
      <div className="source-tools">
        {choice || <span className="mono ell">{nameOf(file.path)}</span>}
        <span className="grow" />
        <CopyButton text={text} />
        <Download file={file} />
      </div>
      <SourceLinesView label={nameOf(file.path)} lines={lines} />
    </>
  );
}
