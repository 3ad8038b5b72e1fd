/** The choice of one of all runs of a panel, found by its name. */

import { useState } from "react";
import { formatCount } from "@/data/text/format";
import { Combobox } from "@/ui/fields/combobox";
import { Popover } from "@/ui/overlays/popover";
import { Icon } from "@/ui/signs/icons";
import { ColoredName } from "@/ui/text/colored-name";
import { MidName, NamesBeside } from "@/ui/text/mid-name";
import type { PanelRun } from "../panel-props";

/** A list of more is not read; its runs are found by their names. */
const MOST_OFFERED = 200;
const MORE = "more";

interface RunChoiceProps {
  readonly runs: readonly PanelRun[];
  /** The run that is drawn. */
  readonly run: PanelRun;
  /** Runs known to have nothing to draw. */
  readonly lacking: ReadonlySet<string>;
  onChoose(id: string): void;
}

export function RunChoice({ runs, run, lacking, onChoose }: RunChoiceProps) {
  return (
    <Popover
      label="Run"
      width={320}
      isForTyping
      target={
        <button type="button" className="btn select q sm" aria-label={`Run: ${run.name}`}>
          <span className="val ell">
            <MidName name={run.name} />
          </span>
          <Icon name="down" isSmall className="caret" />
        </button>
      }
    >
      {(close) => (
        <RunSearch
          runs={runs}
          lacking={lacking}
          onChoose={(id) => {
            onChoose(id);
            close();
          }}
        />
      )}
    </Popover>
  );
}

function RunSearch({ runs, lacking, onChoose }: Omit<RunChoiceProps, "run">) {
  const [text, setText] = useState("");
  const search = text.trim().toLowerCase();
  const matching = runs.filter(({ name }) => name.toLowerCase().includes(search));
  const ordered = [
    ...matching.filter(({ id }) => !lacking.has(id)),
    ...matching.filter(({ id }) => lacking.has(id)),
  ];
  const offered = ordered.slice(0, MOST_OFFERED);
  const nLeft = ordered.length - offered.length;
  const names = offered.map(({ name }) => name);
  const suggestions = offered.map(({ id, name, color }) => ({
    value: id,
    label: <ColoredName name={name} color={color} />,
    ...(lacking.has(id) && { meta: "has none", isDisabled: true }),
  }));
  const more = {
    value: MORE,
    label: `${formatCount(nLeft)} more: type a part of the name`,
    isDisabled: true,
  };
  return (
    <NamesBeside names={names}>
      <Combobox
        label="Name of the run"
        nLetters={Math.max(0, ...names.map((name) => name.length))}
        text={text}
        autoFocus
        marksFirst
        icon="search"
        placeholder="Search runs"
        nothing={`No run that is shown has ${text.trim()} in its name`}
        suggestions={nLeft > 0 ? [...suggestions, more] : suggestions}
        onText={setText}
        onChoose={onChoose}
      />
    </NamesBeside>
  );
}
