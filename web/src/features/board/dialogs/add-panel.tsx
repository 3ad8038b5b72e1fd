import { type KeyboardEvent, type MouseEvent, useId, useMemo, useRef, useState } from "react";
import { addPanel, addSection, appendPanel } from "@/data/board/moves";
import { exactText, readableText, tokensOf } from "@/data/expression/expression-text";
import { unfinishedOf } from "@/data/expression/unfinished";
import { MEDIA_SECTION, sectionOf } from "@/data/metrics/sections";
import { labelOf } from "@/data/table/columns";
import { isOfMediaSection, type Panel, panelIdOf } from "@/data/view/panel";
import { KIND_NAMES, KINDS, type PanelKind } from "@/data/view/panel-kinds";
import { ExpressionField } from "@/panels/line/expression/expression-field";
import { useProjectNames } from "@/panels/line/expression/use-project-names";
import { isParameter } from "@/panels/over-runs/columns";
import { useKeyColumn } from "@/panels/over-runs/use-key-column";
import { newPanel, PANEL_KINDS } from "@/panels/registry";
import { Button } from "@/ui/controls/button";
import { Field } from "@/ui/fields/field";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { isPhone } from "@/ui/hooks/use-phone";
import { isLetter } from "@/ui/keys/page-keys";
import { Dialog } from "@/ui/overlays/dialog";
import { showDone } from "@/ui/overlays/toasts";
import { Icon } from "@/ui/signs/icons";
import { useSetView } from "../../view/view-store";
import { useBoardMode, useBoardOfPage, usePanelSet } from "../board-set";
import { focusMenu } from "../moving/focus";
import { MetricPicker } from "./metric-picker";
import { closeDialog, type PanelDraft, reopenAddPanel } from "./open-dialog";
import { PanelPreview } from "./panel-preview";
import { SectionField } from "./section-field";
import { useReadExpression } from "./use-read-expression";

/** The dialog that adds a panel: its kind, what it shows, and the section where it appears first. */
export default function AddPanel({ draft }: { draft: PanelDraft }) {
  const board = useBoardOfPage();
  const { project } = usePanelSet();
  const { gridId } = useBoardMode();
  const hasSections = gridId === null;
  const setView = useSetView();
  const id = useId();
  const [kind, setKind] = useState<PanelKind>(draft.kind);
  const [keys, setKeys] = useState<readonly string[]>(draft.keys);
  const [pattern, setPattern] = useState<string | null>(draft.pattern);
  const [active, setActive] = useState<string | null>(null);
  const [typed, setTyped] = useState(draft.typed);
  const projectNames = useProjectNames(project, [typed]);
  const tokens = tokensOf(typed, projectNames.has);
  const typedExpression = exactText(tokens).trim();
  const isWhole = unfinishedOf(tokens) === null;
  const { expression, isRefused } = useReadExpression(project, typedExpression, isWhole);
  const [fault, setFault] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(draft.section);
  const entry = PANEL_KINDS[kind];
  const isOfKeyMetric = entry.metrics === "one" && entry.objects === undefined;
  const key = useKeyColumn(project, isOfKeyMetric).column;
  const isLine = kind === "line";
  const isTyped = isLine && typedExpression !== "";
  const hasMore = isLine && (pattern !== null || isTyped);
  const parameter = parameterOf();
  const shownKeys = keysOf();
  // where its first metric is at home, unless a person says another
  const metric = shownKeys[0] ?? (isLine ? firstMetricOf(expression) : undefined);
  const home = metric === undefined ? board.sections[0]?.name : sectionOf(metric);
  const proposed = isOfMediaSection(kind) ? MEDIA_SECTION : home;
  const section = chosen || proposed || "charts";
  const keysText = JSON.stringify(shownKeys);
  const panel = useMemo(() => {
    const first = newPanel(kind, section, JSON.parse(keysText) as string[]);
    const blank = gridId === null ? first : { ...first, id: panelIdOf(gridId, first.id) };
    if (!isLine)
      return parameter === null ? blank : { ...blank, options: { ...blank.options, x: parameter } };
    const expressions = expression === "" ? [] : [{ name: readableText(expression), text: expression }];
    return { ...blank, pattern, expressions };
  }, [kind, isLine, section, keysText, parameter, pattern, expression, gridId]);
  const { fields, ...ofKinds } = useFirstField();
  const isEmpty = entry.metrics === "many" && shownKeys.length === 0 && !hasMore;
  const isBlank = isEmpty || (isTyped && expression === "" && shownKeys.length === 0 && pattern === null);
  // a half-typed name is no metric without values: the preview waits for the whole one
  const isHalfTyped = isTyped && tokens.some(({ metric }) => metric !== null && !projectNames.has(metric));
  const [previewed, setPreviewed] = useState<Panel | null>(null);
  const nextPreviewed = isBlank ? null : isHalfTyped ? previewed : panel;
  if (nextPreviewed !== previewed) setPreviewed(nextPreviewed);
  const isUnread = isTyped && expression !== typedExpression;

  // what a slash divides, and which sections there are, only the answers tell
  const isAnswered = board.isKnown && (!isUnread || isRefused) && (!isTyped || projectNames.isLoaded);
  const add = useAwaited(isAnswered && !isEmpty, () => {
    if (isTyped && isRefused) return;
    setView((view) => {
      const added = addSection(view, board, section) ?? {};
      const isSet = !isLine && entry.Settings != null;
      const next = hasSections ? addPanel({ ...view, ...added }, panel) : appendPanel(view, panel);
      return { ...added, ...next, ...(isSet && { edited: panel.id }) };
    });
    closeDialog();
    focusMenu(panel.id);
  });

  const isSet =
    keys.length > 0 || pattern !== null || isTyped || (chosen !== null && chosen !== draft.section);
  const close = () => {
    closeDialog();
    const left = { kind, keys, pattern, typed, section: chosen };
    if (isSet) showDone("No panel was added", { label: "Undo", run: () => reopenAddPanel(left) });
  };

  /** The chosen metrics, else the one that typing or arrows have come to, else of a result the key metric. */
  function keysOf(): readonly string[] {
    if (entry.metrics === "none") return [];
    const names = parameter !== null ? [] : entry.metrics === "one" ? keys.slice(-1) : keys;
    if (names.length > 0 || hasMore) return names;
    const other =
      (parameter === null ? active : null) ?? (isOfKeyMetric && key !== null ? labelOf(key).label : null);
    return other === null ? [] : [other];
  }

  /** The parameter that is chosen, or come to: of a result it is the x axis. */
  function parameterOf(): string | null {
    const name = keys.at(-1) ?? active;
    return entry.columns === "any" && name !== null && isParameter(name) ? name : null;
  }

  return (
    <Dialog
      title="Add panel"
      isOpen
      width={1080}
      hasInput={isSet}
      onClose={close}
      actions={
        <>
          <Button onClick={close}>Cancel</Button>
          <Button look="ink" disabled={isEmpty || (isTyped && isRefused)} onClick={add}>
            Add panel
          </Button>
        </>
      }
    >
      <div className="add-panel">
        <fieldset className="kinds" aria-label="Kind" {...ofKinds}>
          {KINDS.map((name) => ({ name, ...KIND_NAMES[name], ...PANEL_KINDS[name] })).map(
            ({ name, title, hint, icon }) => (
              <label key={name} className={`kind ${name === kind ? "on" : ""}`}>
                <input
                  type="radio"
                  name="kind"
                  className="sr"
                  checked={name === kind}
                  onChange={() => {
                    setKind(name);
                    // metrics of another kind of values
                    const next = PANEL_KINDS[name];
                    const lacksColumns = entry.columns !== undefined && next.columns !== entry.columns;
                    if (next.objects !== entry.objects || lacksColumns) setKeys([]);
                  }}
                />
                <Icon name={icon} />
                <span>
                  <b>{title}</b>
                  <small>{hint}</small>
                </span>
              </label>
            ),
          )}
        </fieldset>
        <div className="add-what" ref={fields}>
          {entry.metrics !== "none" && (
            <MetricPicker
              key={entry.objects}
              project={project}
              isOne={entry.metrics === "one"}
              objects={entry.objects ?? null}
              columns={entry.columns ?? null}
              keys={entry.metrics !== "one" ? keys : parameter === null ? shownKeys : [parameter]}
              pattern={isLine ? pattern : undefined}
              onKeys={setKeys}
              onPattern={setPattern}
              onActive={setActive}
              onEnter={add}
            />
          )}
          {isLine && (
            <Field label="And an expression" htmlFor={`${id}-expression`}>
              <ExpressionField
                project={project}
                label="Expression"
                inputId={`${id}-expression`}
                text=""
                firstDraft={draft.typed}
                isListAbove
                placeholder="train/loss - val/loss"
                onTyped={setTyped}
                onFault={setFault}
              />
            </Field>
          )}
          {entry.metrics === "none" && (
            <p className="muted add-note">What it shows is set next to the charts once it is there.</p>
          )}
          {hasSections && (
            <Field label="Section" htmlFor={`${id}-section`} hint="A new name adds a section.">
              <SectionField board={board} inputId={`${id}-section`} name={section} onName={setChosen} />
            </Field>
          )}
        </div>
        <PanelPreview
          panel={nextPreviewed}
          isOld={isTyped && (isUnread || isHalfTyped)}
          // of an unfinished one the field alone tells what it lacks
          fault={isTyped && isWhole ? fault : null}
        />
      </div>
    </Dialog>
  );
}

/** The focus of the search: after a click on a kind, and for what is typed while a kind has the focus. */
function useFirstField() {
  const fields = useRef<HTMLDivElement>(null);
  const focus = () => fields.current?.querySelector<HTMLInputElement>(".metric-picker input")?.focus();
  return {
    fields,
    // a press is a click on the label, then one on its radio button; an arrow key clicks the button alone
    onClick: ({ target }: MouseEvent) => {
      // once the browser has moved the focus to the kind, and its fields are there
      if (!(target instanceof HTMLInputElement) && !isPhone()) setTimeout(focus);
    },
    onKeyDown: (event: KeyboardEvent) => {
      if (isLetter(event)) focus();
    },
  };
}

/** The first metric that an expression names in quotes, as those with a prefix are. */
function firstMetricOf(expression: string): string | undefined {
  return /"([^"]+)"/.exec(expression)?.[1];
}
