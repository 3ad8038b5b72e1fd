/** Tabs of a page's part: one is shown; arrows move between them. */

import type { KeyboardEvent } from "react";

interface Tab<T extends string> {
  readonly value: T;
  readonly label: string;
  readonly count?: number;
}

interface TabsProps<T extends string> {
  readonly label: string;
  readonly tabs: readonly Tab<T>[];
  readonly value: T;
  /** Of the element that holds what the tab shows. */
  readonly panelId?: string;
  onChange(value: NoInfer<T>): void;
}

export function Tabs<T extends string>({ label, tabs, value, panelId, onChange }: TabsProps<T>) {
  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={chooseByKey(tabs, value, onChange)}>
      {tabs.map((tab) => (
        <button
          key={tab.value}
          type="button"
          role="tab"
          aria-selected={tab.value === value}
          aria-controls={panelId}
          tabIndex={tab.value === value ? 0 : -1}
          onClick={() => onChange(tab.value)}
        >
          {tab.label}
          {tab.count !== undefined && <span className="badge">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

interface Choice<T extends string> {
  readonly value: T;
  readonly isDisabled?: boolean;
}

/** For keys in a row of buttons, one of which is chosen: arrows, Home and End choose and focus another. */
export function chooseByKey<T extends string>(
  choices: readonly Choice<T>[],
  value: T,
  onChange: (value: T) => void,
) {
  return (event: KeyboardEvent<HTMLElement>) => {
    const at = choices.findIndex((choice) => choice.value === value);
    const next = nextIndex(event.key, at, choices.length);
    if (next === null) return;
    event.preventDefault();
    if (choices[next]!.isDisabled) return;
    onChange(choices[next]!.value);
    (event.currentTarget.children[next] as HTMLElement | undefined)?.focus();
  };
}

/** Where an arrow, Home or End leads in a row of `n`; null for other keys. Goes round at the ends. */
function nextIndex(key: string, at: number, n: number): number | null {
  if (key === "ArrowRight" || key === "ArrowDown") return (at + 1) % n;
  if (key === "ArrowLeft" || key === "ArrowUp") return (at - 1 + n) % n;
  if (key === "Home") return 0;
  if (key === "End") return n - 1;
  return null;
}
