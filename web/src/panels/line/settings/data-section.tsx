/** The data of a line panel: metrics, expressions, a pattern; each may be switched off and stays. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import { formatNoun } from "@/data/text/format";
import type { NamedExpression, Panel } from "@/data/view/panel";
import { Button } from "@/ui/controls/button";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import { MetricField } from "../../over-runs/metric-field";
import { SettingsSection } from "../../settings/settings-fields";
import { ExpressionField } from "../expression/expression-field";

interface DataSectionProps {
  readonly project: ProjectRef;
  readonly panel: Panel;
  onPanel(part: Partial<Panel>): void;
}

const OFFERED = 40;
const MATCHES = 50;

export function DataSection({ project, panel, onPanel }: DataSectionProps) {
  const [isAdding, setAdding] = useState(false);
  const [isNewPattern, setNewPattern] = useState(false);
  const { keys, expressions, pattern, undrawn } = panel;
  const all = [...keys, ...expressions.map(({ name }) => name)];
  const nDrawn = all.filter((name) => !undrawn.includes(name)).length;
  const draw = (name: string, isOn: boolean) =>
    onPanel({ undrawn: isOn ? undrawn.filter((other) => other !== name) : [...undrawn, name] });
  const setExpression = (at: number, next: NamedExpression | null) => {
    const before = expressions[at];
    const list = expressions.flatMap((expression, i) => (i !== at ? [expression] : next ? [next] : []));
    const others = undrawn.filter((name) => name !== before?.name);
    const wasOff = before !== undefined && undrawn.includes(before.name);
    // its style goes with its name
    const styles = panel.settings.styles?.map((style) =>
      next && style.of === "metric" && style.id === before?.name ? { ...style, id: next.name } : style,
    );
    onPanel({
      expressions: list,
      undrawn: wasOff && next ? [...others, next.name] : others,
      ...(styles && { settings: { ...panel.settings, styles } }),
    });
  };
  return (
    <SettingsSection
      title="Data"
      note={`${nDrawn} of ${all.length} drawn`}
      actions={
        <>
          <Button look="quiet" isSmall icon="plus" onClick={() => setAdding(true)}>
            Metric
          </Button>
          {pattern === null && (
            <Button
              look="quiet"
              isSmall
              onClick={() => {
                setNewPattern(true);
                onPanel({ pattern: "" });
              }}
            >
              <span className="mono">.* pattern</span>
            </Button>
          )}
        </>
      }
    >
      {keys.map((key) => (
        <div className={`yr ${undrawn.includes(key) ? "off" : ""}`} key={key}>
          <Eye name={key} isOn={!undrawn.includes(key)} onDraw={draw} />
          <div className="inp">
            <Icon name="chart" isSmall />
            <span className="ex grow ell">
              <span className="metric">{key}</span>
            </span>
            <MetricRuns project={project} metric={key} />
          </div>
          <IconButton
            icon="x"
            label={`Remove ${key}`}
            isSmall
            onClick={() =>
              onPanel({
                keys: keys.filter((other) => other !== key),
                undrawn: undrawn.filter((name) => name !== key),
              })
            }
          />
        </div>
      ))}
      {isAdding && (
        <AddMetric
          project={project}
          used={keys}
          onAdd={(key) => {
            setAdding(false);
            if (key !== null && !keys.includes(key)) onPanel({ keys: [...keys, key] });
          }}
        />
      )}
      {/* the empty row below is where the next one is typed: it becomes that one's, and stays where it is */}
      {[...expressions, null].map((expression, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: its name changes while it is typed
        <div className={`yr ${expression && undrawn.includes(expression.name) ? "off" : ""}`} key={i}>
          {expression ? (
            <Eye name={expression.name} isOn={!undrawn.includes(expression.name)} onDraw={draw} />
          ) : (
            <NoEye />
          )}
          <ExpressionField
            project={project}
            label={expression ? `Expression ${i + 1}` : "New expression"}
            text={expression?.text ?? ""}
            placeholder="Expression, for example val/loss * 2"
            onText={(text) => {
              if (expression) setExpression(i, text ? { name: nameOf(expression, text), text } : null);
              else if (text && !all.includes(text))
                onPanel({ expressions: [...expressions, { name: text, text }] });
            }}
            end={
              expression && (
                <NameField
                  name={expression.name === expression.text ? "" : expression.name}
                  usedNames={all}
                  onName={(name) =>
                    setExpression(i, { name: name || expression.text, text: expression.text })
                  }
                />
              )
            }
          />
          {expression ? (
            <IconButton
              icon="x"
              label={`Remove expression ${i + 1}`}
              isSmall
              onClick={() => setExpression(i, null)}
            />
          ) : (
            <span className="btn q sm ico" aria-hidden="true" />
          )}
        </div>
      ))}
      {pattern !== null && (
        <PatternRow project={project} pattern={pattern} hasFocus={isNewPattern} onPanel={onPanel} />
      )}
    </SettingsSection>
  );
}

/** Its own name stays; without one it is called as it is written. */
function nameOf(expression: NamedExpression, text: string): string {
  return expression.name === expression.text ? text : expression.name;
}

/** The eye's place in rows that have none. */
function NoEye() {
  return <span className="eye" aria-hidden="true" />;
}

function Eye(props: { name: string; isOn: boolean; onDraw(name: string, isOn: boolean): void }) {
  const { name, isOn, onDraw } = props;
  return (
    <button
      type="button"
      className="eye"
      aria-pressed={isOn}
      aria-label={`Draw ${name}`}
      onClick={() => onDraw(name, !isOn)}
    >
      <Icon name={isOn ? "eye" : "eyeoff"} />
    </button>
  );
}

function MetricRuns({ project, metric }: { project: ProjectRef; metric: string }) {
  const { data } = useQuery(metricSearchQuery(project, metric, false, OFFERED));
  const facts = data?.find(({ key }) => key === metric);
  if (!data) return null;
  return <span className="meta muted">{facts ? formatNoun(facts.n_runs, "run") : "no run has it"}</span>;
}

function AddMetric(props: { project: ProjectRef; used: readonly string[]; onAdd(key: string | null): void }) {
  const { project, used, onAdd } = props;
  return (
    <div className="yr">
      <NoEye />
      <MetricField
        project={project}
        label="Metric"
        kind="number"
        value={null}
        used={used}
        autoFocus
        placeholder="Name of a metric"
        onChange={onAdd}
      />
      <IconButton icon="x" label="Add no metric" isSmall onClick={() => onAdd(null)} />
    </div>
  );
}

/** Name of an expression in legends; empty: itself. */
function NameField(props: { name: string; usedNames: readonly string[]; onName(name: string): void }) {
  const { name, usedNames, onName } = props;
  const [text, setText] = useState(name);
  const [shown, setShown] = useState(name);
  if (shown !== name) {
    setShown(name);
    setText(name);
  }
  const take = () => {
    const next = text.trim();
    if (next === name || (next !== "" && usedNames.includes(next))) setText(name);
    else onName(next);
  };
  return (
    <input
      type="text"
      className="nm"
      aria-label="Name of the expression"
      placeholder="name"
      maxLength={80}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
      }}
    />
  );
}

interface PatternRowProps {
  readonly project: ProjectRef;
  readonly pattern: string;
  /** It was added just now, and is typed next. */
  readonly hasFocus: boolean;
  onPanel(part: Partial<Panel>): void;
}

function PatternRow({ project, pattern, hasFocus, onPanel }: PatternRowProps) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (hasFocus) field.current?.focus();
  }, [hasFocus]);
  const query = useQuery({
    ...metricSearchQuery(project, pattern, true, MATCHES),
    enabled: pattern !== "",
    retry: false,
  });
  const n = query.data?.length ?? 0;
  const wrong = pattern !== "" && query.isError ? query.error.message : null;
  return (
    <div className="yr">
      <NoEye />
      <div className="ex-field">
        <div className={`inp ${wrong ? "err" : ""}`}>
          <span className="fx0">.*</span>
          <input
            ref={field}
            type="text"
            className="mono"
            aria-label="Pattern of metric names"
            aria-invalid={wrong !== null || undefined}
            placeholder="Regular expression, for example ^val/iou_"
            spellCheck={false}
            autoComplete="off"
            value={pattern}
            onChange={(event) => onPanel({ pattern: event.target.value })}
          />
          {pattern !== "" && !wrong && (
            <span className="meta muted">{n === MATCHES ? `first ${n}` : formatNoun(n, "metric")}</span>
          )}
        </div>
        {wrong && (
          <div className="errt" role="alert">
            {wrong}
          </div>
        )}
      </div>
      <IconButton icon="x" label="Remove the pattern" isSmall onClick={() => onPanel({ pattern: null })} />
    </div>
  );
}
