/**
 * The dialog that adds a panel: its kind, what it shows, and the section where it appears first.
 */

import { useState } from "react";
import { addPanel, addSection } from "@/data/board/moves";
import { exactText, readableText, tokensOf } from "@/data/expression/expression-text";
import { MEDIA_SECTION, sectionOf } from "@/data/metrics/sections";
import { isOfMediaSection, makePanel, newPanelId } from "@/data/view/panel";
import { KIND_NAMES, KINDS, type PanelKind } from "@/data/view/panel-kinds";
import { ExpressionField } from "@/panels/line/expression/expression-field";
import { useProjectNames } from "@/panels/line/expression/use-project-names";
import { newPanel, PANEL_KINDS } from "@/panels/registry";
import { Button } from "@/ui/controls/button";
import { Field } from "@/ui/fields/field";
import { useAwaited } from "@/ui/hooks/use-awaited";
import { Dialog } from "@/ui/overlays/dialog";
import { Icon } from "@/ui/signs/icons";
import { useSetView } from "../../view/view-store";
import { useBoardOfPage, usePanelSet } from "../board-set";
import { focusMenu } from "../moving/focus";
import { MetricPicker } from "./metric-picker";
import { closeDialog } from "./open-dialog";
import { SectionField } from "./section-field";

/** `given` null: in the section that its metrics propose. */
export default function AddPanel({ initialSection }: { initialSection: string | null }) {
  const board = useBoardOfPage();
  const { project } = usePanelSet();
  const setView = useSetView();
  const [kind, setKind] = useState<PanelKind>("line");
  const [keys, setKeys] = useState<readonly string[]>([]);
  const [pattern, setPattern] = useState<string | null>(null);
  const [typed, setTyped] = useState("");
  const projectNames = useProjectNames(project, [typed]);
  const expression = exactText(tokensOf(typed, projectNames.has)).trim();
  const [chosen, setChosen] = useState<string | null>(initialSection);
  const entry = PANEL_KINDS[kind];
  const needsMetrics = entry.metrics !== "none";
  const shownKeys = entry.metrics === "one" ? keys.slice(-1) : keys;
  const hasContent = shownKeys.length > 0 || (kind === "line" && (pattern !== null || expression !== ""));
  // where its first metric is at home, unless a person says another
  const metric = shownKeys[0] ?? (kind === "line" ? firstMetricOf(expression) : undefined);
  const home = metric === undefined ? board.sections[0]?.name : sectionOf(metric);
  const proposed = isOfMediaSection(kind) ? MEDIA_SECTION : home;
  const section = chosen || proposed || "charts";

  // what a slash divides, and which sections there are, only the answers tell
  const canAdd = board.isKnown && (kind !== "line" || expression === "" || projectNames.isLoaded);
  const add = useAwaited(canAdd, () => {
    const blank = newPanel(kind, section, needsMetrics ? shownKeys : []);
    const panel =
      kind === "line"
        ? makePanel(newPanelId(), kind, section, {
            keys: shownKeys,
            pattern,
            expressions: expression === "" ? [] : [{ name: readableText(expression), text: expression }],
          })
        : blank;
    setView((view) => {
      const added = addSection(view, board, section) ?? {};
      const hasMore = kind !== "line" && entry.Settings != null;
      return { ...added, ...addPanel({ ...view, ...added }, panel), ...(hasMore && { edited: panel.id }) };
    });
    closeDialog();
    focusMenu(panel.id);
  });

  return (
    <Dialog
      title="Add panel"
      isOpen
      width={760}
      onClose={closeDialog}
      actions={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="ink" disabled={entry.metrics === "many" && !hasContent} onClick={add}>
            Add panel
          </Button>
        </>
      }
    >
      <div className="add-panel">
        <fieldset className="kinds" aria-label="Kind">
          {KINDS.map((name) => ({ name, ...KIND_NAMES[name], ...PANEL_KINDS[name] })).map(
            ({ name, title, hint, icon }) => (
              <label key={name} className={`kind ${name === kind ? "on" : ""}`}>
                <input
                  type="radio"
                  name="kind"
                  className="sr"
                  checked={name === kind}
                  onChange={() => setKind(name)}
                />
                <Icon name={icon} />
                <span>
                  <b>{title}</b>
                  {hint}
                </span>
              </label>
            ),
          )}
        </fieldset>
        <div className="add-what">
          {needsMetrics && (
            <MetricPicker
              project={project}
              isOne={entry.metrics === "one"}
              objects={entry.objects ?? null}
              keys={shownKeys}
              pattern={kind === "line" ? pattern : undefined}
              onKeys={setKeys}
              onPattern={setPattern}
            />
          )}
          {kind === "line" && (
            <Field label="And an expression">
              <ExpressionField
                project={project}
                label="Expression"
                text=""
                placeholder="train/loss - val/loss"
                onTyped={setTyped}
              />
            </Field>
          )}
          {!needsMetrics && (
            <p className="muted add-note">What it shows is set beside the charts once it is there.</p>
          )}
          <Field label="Section" hint="The name of a new one makes it.">
            <SectionField board={board} name={section} onName={setChosen} />
          </Field>
        </div>
      </div>
    </Dialog>
  );
}

/** The first metric that an expression names in quotes, as those with a prefix are. */
function firstMetricOf(expression: string): string | undefined {
  return /"([^"]+)"/.exec(expression)?.[1];
}
