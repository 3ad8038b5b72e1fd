/** The offers for the word at the cursor of an expression: metrics, config and functions. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { metricSearchQuery } from "@/api/metrics/metrics";
import type { ProjectRef } from "@/api/types";
import {
  type Completion,
  completionsFor,
  EXPRESSION_FUNCTIONS,
  matchIn,
  wordAt,
} from "@/data/expression/completion";
import { formatNoun } from "@/data/text/format";
import { Icon } from "@/ui/signs/icons";
import { useAimedMetrics } from "../../over-runs/use-goal";
import { type ExpressionState, offerName } from "./expression-model";
import type { ProjectNames } from "./use-project-names";

const OFFERED = 7;

interface ExpressionOffersProps {
  /** Of the list, and with its place behind it of each offer. */
  readonly id: string;
  readonly shown: readonly Completion[];
  readonly active: number;
  readonly word: string;
  onChoose(choice: Completion): void;
}

export function ExpressionOffers({ id, shown, active, word, onChoose }: ExpressionOffersProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <>
      <div className="options" role="listbox" id={id} aria-label="Metrics, config and functions" ref={list}>
        {shown.map((choice, i) => (
          <Offer
            key={offerName(choice)}
            id={`${id}-${i}`}
            choice={choice}
            word={word}
            isActive={i === active}
            onChoose={() => onChoose(choice)}
          />
        ))}
      </div>
      <div className="ft0">
        <span>
          <kbd>Tab</kbd> <kbd>↵</kbd>accept
        </span>
        <span>
          <kbd>↑ ↓</kbd>choose
        </span>
        <span>
          <kbd>F1</kbd>
          {formatNoun(EXPRESSION_FUNCTIONS.length, "function")}
        </span>
      </div>
    </>
  );
}

const OFFER_ICONS = { metric: "chart", config: "sliders", step: "chart", function: "code" } as const;

function offerWords({ kind, nRuns, isDrawable }: Completion): string {
  if (kind === "step") return "the step of each point";
  return isDrawable ? formatNoun(nRuns, "run") : "cannot be drawn";
}

interface OfferProps {
  readonly id: string;
  readonly choice: Completion;
  readonly word: string;
  readonly isActive: boolean;
  onChoose(): void;
}

function Offer({ id, choice, word, isActive, onChoose }: OfferProps) {
  const { kind, name, isDrawable } = choice;
  const [from, to] = matchIn(name, word);
  const of =
    kind === "function" ? EXPRESSION_FUNCTIONS.find((candidate) => candidate.name === name) : undefined;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field takes the keys
    <div
      id={id}
      role="option"
      aria-selected={isActive}
      className={`option ${isActive ? "hov" : ""} ${isDrawable ? "" : "muted"}`}
      title={of?.hint}
      onMouseDown={(event) => event.preventDefault()}
      onClick={onChoose}
    >
      <Icon name={OFFER_ICONS[kind]} isSmall />
      <span className="ex">
        {name.slice(0, from)}
        <b>{name.slice(from, to)}</b>
        {name.slice(to)}
        {of && `(${of.takes})`}
      </span>
      <span className="end">{of ? (word ? "function" : of.hint) : offerWords(choice)}</span>
    </div>
  );
}

/** Names and functions for the word at the cursor; in a large project the server finds the metrics. */
export function useOffered(
  project: ProjectRef,
  projectNames: ProjectNames,
  { draft, cursor, isOpen, isHelp }: ExpressionState,
) {
  const word = isHelp ? "" : wordAt(draft, cursor).word;
  const isAsked = isOpen && word !== "";
  const matches = useQuery({ ...metricSearchQuery(project, word, false, 50), enabled: isAsked });
  const metrics = matches.data?.map(({ key, n_runs, kinds }) => ({
    key,
    nRuns: n_runs,
    isDrawable: kinds.some((kind) => kind !== "object"),
  }));
  const aimed = useAimedMetrics(project);
  const names = new Set(metrics?.map(({ key }) => key));
  const all = [...(metrics ?? []), ...projectNames.metrics.filter(({ key }) => !names.has(key))];
  return {
    offered: completionsFor(word, { metrics: all, aimed, config: projectNames.config }, OFFERED),
    /** They are all there are for the word, and not what is known of it so far. */
    areCurrent:
      !isAsked ||
      projectNames.isLoaded ||
      matches.isError ||
      (matches.isSuccess && !matches.isPlaceholderData),
  };
}
