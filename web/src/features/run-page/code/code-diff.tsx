/** A file of code that differs between two runs. */

import type { StoredFile } from "@/api/files/files";
import { MidName } from "@/ui/text/mid-name";
import { TextDiff } from "../../files/text-diff";
import { useShownRun } from "../shown-run";

interface CodeDiffProps {
  readonly name: string;
  readonly own: StoredFile;
  readonly other: StoredFile;
  readonly otherName: string;
  readonly isSplit: boolean;
}

export function CodeDiff({ name, own, other, otherName, isSplit }: CodeDiffProps) {
  const { run } = useShownRun();
  return (
    <div className="part-main">
      <div className="part-head">
        <h2 className="mono ell">{name}</h2>
        <span className="grow" />
        <span className="muted">
          <MidName name={otherName} />
        </span>
        <span className="muted">to</span>
        <span className="muted">
          <MidName name={run.name} />
        </span>
      </div>
      <div className="part-body">
        <TextDiff
          name={name}
          before={{ file: other, owner: otherName }}
          after={{ file: own, owner: run.name }}
          isSplit={isSplit}
        />
      </div>
    </div>
  );
}
