/** A field for a section: one of those there are, or the name of a new one. */

import { useMemo, useState } from "react";
import type { Board } from "@/data/board/board";
import { formatNoun } from "@/data/text/format";
import { matcherFor } from "@/data/text/text-match";
import { Combobox } from "@/ui/fields/combobox";

interface SectionFieldProps {
  readonly board: Board;
  /** Of its input, for a label outside. */
  readonly inputId?: string;
  /** The section's name; of a new one what was typed. */
  readonly name: string;
  readonly autoFocus?: boolean;
  onName(name: string): void;
  onEnter?(): void;
}

const MOST_OFFERED = 50;

export function SectionField({ board, inputId, name, autoFocus, onName, onEnter }: SectionFieldProps) {
  const { all, isSearch } = board;
  const listed = all.find((section) => section.name === name);
  /** Null: the field shows the section that it is given, also when that changes. */
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? listed?.title ?? name;
  const suggestions = useMemo(() => {
    const { test } = matcherFor(typed?.trim() ?? "", false);
    return all
      .filter((section) => test?.(section.title))
      .slice(0, MOST_OFFERED)
      .map(({ name, title, n }) => ({
        value: name,
        label: title,
        // a search counts only what it finds
        meta: isSearch ? undefined : formatNoun(n, "panel"),
      }));
  }, [all, isSearch, typed]);
  return (
    <Combobox
      label="Section"
      inputId={inputId}
      text={text}
      suggestions={suggestions}
      autoFocus={autoFocus}
      nothing={text.trim() === "" ? "No sections yet" : `A new section: ${text.trim()}`}
      onText={(next) => {
        setTyped(next);
        const match = all.find((section) => section.title === next.trim());
        onName(match?.name ?? next.trim());
      }}
      onChoose={(value) => {
        setTyped(null);
        onName(value);
      }}
      onEnter={onEnter}
    />
  );
}
