/**
 * Chooses metrics among 100,000: a search, the first that it finds, and what was chosen.
 */

import { useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo, useState } from "react";
import { metricNamesQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import { objectPanels } from "@/data/metrics/object-kinds";
import { inNaturalOrder } from "@/data/text/natural-order";
import { matcherFor } from "@/data/text/text-match";
import type { ObjectPanel } from "@/data/view/panel";
import { Checkbox } from "@/ui/controls/checkbox";
import { SearchField } from "@/ui/fields/search-field";
import { Chip } from "@/ui/text/chip";
import { MidName } from "@/ui/text/mid-name";

interface MetricPickerProps {
  readonly project: ProjectRef;
  readonly isOne: boolean;
  /** Metrics that are objects of which such a panel draws; else those with numbers. */
  readonly objects: ObjectPanel | null;
  readonly keys: readonly string[];
  /** All that match, also later ones; null: not so; undefined: this panel has none. */
  readonly pattern: string | null | undefined;
  onKeys(keys: readonly string[]): void;
  onPattern(pattern: string | null): void;
}

const LISTED = 200;

const NOUNS = {
  number: "metric",
  histogram: "histogram",
  media: "image, sound or other media",
  table: "table",
  chart: "chart",
};

export function MetricPicker({
  project,
  isOne,
  objects,
  keys,
  pattern,
  onKeys,
  onPattern,
}: MetricPickerProps) {
  const [search, setSearch] = useState("");
  const [isRegex, setRegex] = useState(false);
  const listed = useQuery(metricNamesQuery(project, null)).data;
  const names = useMemo(() => {
    if (!listed || objects === null) return listed?.numbers;
    const panels = objectPanels(listed.objects, listed.kinds);
    return listed.objects.filter((name) => panels.get(name) === objects);
  }, [listed, objects]);
  const all = useMemo(() => inNaturalOrder(names ?? []), [names]);
  const settled = useDeferredValue(search);
  const matcher = useMemo(() => matcherFor(settled, isRegex), [settled, isRegex]);
  const matches = useMemo(() => (matcher.test ? all.filter(matcher.test) : []), [all, matcher]);
  const chosen = new Set(keys);
  const toggle = (name: string, isOn: boolean) => {
    if (isOne) onKeys(isOn ? [name] : []);
    else onKeys(isOn ? [...keys, name] : keys.filter((key) => key !== name));
  };
  return (
    <div className="metric-picker">
      <SearchField
        label="Search metrics"
        value={search}
        isRegex={isRegex}
        error={matcher.error}
        onChange={setSearch}
        onRegex={setRegex}
      />
      <ul aria-label="Metrics">
        {matches.slice(0, LISTED).map((name) => (
          <li key={name}>
            <Checkbox label={name} isOn={chosen.has(name)} onChange={(isOn) => toggle(name, isOn)}>
              <MidName name={name} />
            </Checkbox>
          </li>
        ))}
        {names && matches.length === 0 && (
          <li className="muted">
            {all.length > 0
              ? "No metric has it in its name."
              : `No ${NOUNS[objects ?? "number"]} was logged yet.`}
          </li>
        )}
        {matches.length > LISTED && (
          <li className="muted">and {(matches.length - LISTED).toLocaleString("en")} more: search</li>
        )}
      </ul>
      <div className="picked">
        {pattern !== undefined && isRegex && search !== "" && matcher.test && pattern !== search && (
          <button type="button" className="btn sm" onClick={() => onPattern(search)}>
            Draw all {matches.length.toLocaleString("en")}, also later ones
          </button>
        )}
        {pattern && (
          <Chip removeLabel={`Remove the pattern ${pattern}`} onRemove={() => onPattern(null)}>
            <span className="mono">.* {pattern}</span>
          </Chip>
        )}
        {keys.map((key) => (
          <Chip key={key} removeLabel={`Remove ${key}`} onRemove={() => toggle(key, false)}>
            {key}
          </Chip>
        ))}
      </div>
    </div>
  );
}
