/** The files of code by name, each with how it differs from the other run's. */

import { useMemo, useState } from "react";
import type { StoredFile } from "@/api/files/files";
import type { CodeChange, CodeFile } from "@/data/environment/code-files";
import { formatCount, formatNoun } from "@/data/text/format";
import { CardSearch } from "@/ui/cards/card-search";
import { Checkbox } from "@/ui/controls/checkbox";
import { SideList } from "@/ui/parts/side-list";

const WORDS: Readonly<Record<CodeChange, string>> = {
  same: "",
  changed: "changed",
  new: "new",
  gone: "gone",
};

interface CodeListProps {
  readonly files: readonly CodeFile<StoredFile>[];
  readonly isCompared: boolean;
  /** The name of the chosen one. */
  readonly chosen: string | null;
  onChoose(name: string): void;
}

export function CodeList({ files, isCompared, chosen, onChoose }: CodeListProps) {
  const [search, setSearch] = useState("");
  const [hidesSame, setHidesSame] = useState(true);
  const rows = useMemo(() => {
    const text = search.trim().toLowerCase();
    return files
      .filter(({ name }) => name.toLowerCase().includes(text))
      .filter(({ change }) => !isCompared || !hidesSame || change !== "same")
      .map(({ name, change }) => ({
        name,
        icon: "code" as const,
        note: isCompared && <span className={`code-change ${change}`}>{WORDS[change]}</span>,
      }));
  }, [files, search, isCompared, hidesSame]);
  const nChanged = files.filter(({ change }) => change !== "same").length;
  return (
    <div className="part-side">
      <div className="part-head">
        <CardSearch label="Search code" value={search} onChange={setSearch} />
      </div>
      <div className="code-count">
        {isCompared && (
          <Checkbox label="Only changed" isOn={hidesSame} onChange={setHidesSame}>
            Only changed
          </Checkbox>
        )}
        <span className="grow" />
        <span className="muted tn" role="status">
          {isCompared
            ? `${formatCount(nChanged)} of ${formatNoun(files.length, "file")}`
            : formatNoun(files.length, "file")}
        </span>
      </div>
      <SideList label="Files of code" rows={rows} chosen={chosen} onChoose={onChoose} />
    </div>
  );
}
