/** A run's config: a tree that folds and is searched by key and value, or YAML. */

import { useMemo, useState } from "react";
import { toFlags, toPython } from "@/data/text/config/config-text";
import { toYaml } from "@/data/text/config/yaml";
import { countValues, type TreeRow, treeRows } from "@/data/text/tree";
import { copyText } from "@/ui/browser/copy-text";
import { CardSearch } from "@/ui/cards/card-search";
import { IconButton } from "@/ui/controls/icon-button";
import { SegmentedControl } from "@/ui/controls/segmented-control";
import { Menu, MenuItem } from "@/ui/overlays/menu";
import { EmptyState } from "@/ui/signs/empty-state";
import { Icon } from "@/ui/signs/icons";
import { Marked } from "@/ui/text/marked";
import { useShownRun } from "../shown-run";
import { PageRows, useFirstRows } from "./page-rows";

const ROW_PX = 26;

export function ConfigCard() {
  const { run } = useShownRun();
  const [look, setLook] = useState<"tree" | "yaml">("tree");
  const [search, setSearch] = useState("");
  const config = run.config as Record<string, unknown>;
  const nValues = useMemo(() => countValues(config), [config]);
  const yaml = useMemo(() => toYaml(config), [config]);
  if (nValues === 0) {
    return (
      <section className="card" aria-label="Config">
        <h2>Config</h2>
        <EmptyState title="No config">
          What is given to <span className="mono">weft.init(config=…)</span> stands here, and is a column of
          the runs table.
        </EmptyState>
      </section>
    );
  }
  return (
    <section className="card" aria-label="Config">
      <h2>
        Config<span className="badge">{nValues}</span>
        <span className="grow" />
        <SegmentedControl
          label="Config as"
          value={look}
          options={[
            { value: "tree", label: "Tree" },
            { value: "yaml", label: "YAML" },
          ]}
          onChange={setLook}
        />
        <CopyMenu config={config} />
      </h2>
      {look === "tree" ? (
        <>
          <CardSearch label="Search keys and values" value={search} onChange={setSearch} />
          <Tree config={config} search={search.trim()} />
        </>
      ) : (
        <Yaml text={yaml} />
      )}
    </section>
  );
}

function Yaml({ text }: { text: string }) {
  const lines = useMemo(() => text.split("\n"), [text]);
  const { nShown, button } = useFirstRows(lines.length);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard */}
      <pre className="code yaml" tabIndex={0} role="group" aria-label="Config as YAML">
        {lines.slice(0, nShown).join("\n")}
      </pre>
      {button}
    </>
  );
}

/** Format in which the config is copied. */
const COPIES = [
  { name: "YAML", textOf: toYaml },
  { name: "Python", textOf: toPython },
  { name: "flags", textOf: toFlags },
] as const;

function CopyMenu({ config }: { config: Record<string, unknown> }) {
  return (
    <Menu position="bottom-end" target={<IconButton icon="copy" label="Copy the config" isSmall />}>
      {COPIES.map(({ name, textOf }) => (
        <MenuItem key={name} onChoose={() => void copyText(textOf(config), `the config as ${name}`)}>
          Copy as {name}
        </MenuItem>
      ))}
    </Menu>
  );
}

function Tree({ config, search }: { config: Record<string, unknown>; search: string }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => treeRows(config, closed, search), [config, closed, search]);
  const nValues = useMemo(() => rows.filter(({ text }) => text !== null).length, [rows]);
  const { nShown, button } = useFirstRows(rows.length, nValues);
  if (rows.length === 0)
    return (
      <p className="card-none" role="status">
        Neither a key nor a value has {search}.
      </p>
    );
  const flip = (id: string) =>
    setClosed((before) => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  return (
    <div className="card-rows" role="group" aria-label="Config values">
      <PageRows
        count={nShown}
        px={ROW_PX}
        row={(index) => <TreeLine key={rows[index]!.id} row={rows[index]!} onFlip={flip} />}
      />
      {button}
    </div>
  );
}

function TreeLine({ row, onFlip }: { row: TreeRow; onFlip(id: string): void }) {
  const name = <Marked text={row.name} spans={row.nameSpans} />;
  const indent = { paddingLeft: 12 + row.depth * 14 };
  if (row.text === null) {
    return (
      <button
        type="button"
        className="tree-line branch"
        style={indent}
        aria-expanded={row.isOpen}
        onClick={() => onFlip(row.id)}
      >
        <Icon name={row.isOpen ? "down" : "right"} isSmall />
        <span className="ell">{name}</span>
        <span className="muted tn">{row.nValues}</span>
      </button>
    );
  }
  return (
    <div className="tree-line">
      <span className="ell key" style={{ paddingLeft: 30 + row.depth * 14 }} title={row.name}>
        {name}
      </span>
      <span className="ell mono" title={row.text}>
        <Marked text={row.text} spans={row.textSpans} />
      </span>
    </div>
  );
}
