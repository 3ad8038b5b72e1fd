import { useMemo, useState } from "react";
import type { StoredFile } from "@/api/files/files";
import { readPatch } from "@/data/environment/source-lines";
import { formatCount, formatNoun } from "@/data/text/format";
import { CopyButton } from "@/ui/controls/copy-button";
import { Select } from "@/ui/controls/select";
import { StoredText } from "../../files/stored-text";
import { SourceLinesView } from "./source-lines-view";

const TITLES: Readonly<Record<string, string>> = {
  "diff.patch": "Uncommitted changes",
  "diff_upstream.patch": "Changes since the upstream branch",
};

/**
 * The changes of a run that its commit does not have, as git printed them.
 *
 * @param patches at least one
 */
export function PatchView({ patches }: { patches: readonly StoredFile[] }) {
  const [path, setPath] = useState(patches[0]!.path);
  const file = patches.find((patch) => patch.path === path) ?? patches[0]!;
  const choice = patches.length > 1 && (
    <Select
      label="Changes"
      value={file.path}
      options={patches.map((patch) => ({ value: patch.path, label: TITLES[patch.path] ?? patch.path }))}
      onChange={setPath}
    />
  );
  return (
    <StoredText key={file.path} file={file} before={choice}>
      {(text) => <Patch file={file} text={text} choice={choice} />}
    </StoredText>
  );
}

function Patch({ file, text, choice }: { file: StoredFile; text: string; choice: React.ReactNode }) {
  const { lines, files } = useMemo(() => readPatch(text), [text]);
  const [at, setAt] = useState(0);
  const nAdded = files.reduce((sum, file) => sum + file.nAdded, 0);
  const nRemoved = files.reduce((sum, file) => sum + file.nRemoved, 0);
  return (
    <div className="code-patch">
      <div className="source-tools">
        {choice}
        {files.length > 1 && (
          <Select
            label="Go to"
            isLabelVisible
            value={String(at)}
            options={files.map((file) => ({
              value: String(file.at),
              label: file.path,
              meta: `+${formatCount(file.nAdded)} −${formatCount(file.nRemoved)}`,
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
        <a className="btn sm" href={file.url} download={file.path}>
          Download
        </a>
      </div>
      <SourceLinesView label={TITLES[file.path] ?? file.path} lines={lines} at={at} />
    </div>
  );
}
