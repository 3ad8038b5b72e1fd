/**
 * A field that takes one of many: a column, a metric. What is typed finds it; nothing else is taken.
 *
 * The first suggestion is marked while one types, Enter takes the marked one, arrows mark another, Escape gives
 * up. Who leaves the field with a text in it has chosen what the text says exactly; any other text stays, with a
 * sentence that says so.
 */

import { type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { Combobox } from "./combobox";

interface Choice {
  readonly value: string;
  /** As it is called: `val/accuracy max`. */
  readonly name: string;
  readonly label?: ReactNode;
  /** Grey, at the right: how many runs have it. */
  readonly meta?: ReactNode;
}

interface ChoiceFieldProps {
  readonly label: string;
  /** The choice that the field shows, with a grey part before it; null: no choice. */
  readonly chosen: { readonly name: string; readonly lead?: string } | null;
  /** Noun of the choices: `column`. */
  readonly noun: string;
  /** Null: nothing since the last choice. */
  readonly typed: string | null;
  /** Choices that fit the typed text, the likeliest first. */
  readonly choices: readonly Choice[];
  /** The choices are those of the typed text, not of one before it. */
  readonly isCurrent: boolean;
  /** Why there are no choices. */
  readonly error?: string | null;
  /** Where no choice fits: why, in a few words. */
  readonly nothing?: string;
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly isMono?: boolean;
  onType(text: string | null): void;
  onChoose(value: string): void;
}

export function ChoiceField(props: ChoiceFieldProps) {
  const { label, chosen, noun, typed, choices, isCurrent, error, placeholder, onType, onChoose } = props;
  const [hasLeft, setLeft] = useState(false);
  const [isAwaited, setAwaited] = useState(false);
  const text = (typed ?? "").trim();
  const isTyped = text !== "";
  const first = isTyped && isCurrent ? choices[0] : undefined;
  const exact = isTyped && isCurrent ? choices.find((choice) => isCalled(choice, text)) : undefined;
  const take = (value: string) => {
    setLeft(false);
    setAwaited(false);
    onType(null);
    onChoose(value);
  };

  // Enter, or the end of the visit, came before the answer
  const settle = useEffectEvent(() => {
    if (isAwaited && first) take(first.value);
    else if (hasLeft && exact) take(exact.value);
    else setAwaited(false);
  });
  const isSettled = isCurrent && (isAwaited || hasLeft);
  useEffect(() => {
    if (isSettled) settle();
  }, [isSettled]);

  return (
    <span className="choice">
      <Combobox
        label={label}
        text={typed ?? chosen?.name ?? ""}
        lead={typed === null ? chosen?.lead : undefined}
        isChosen={typed === null}
        isMono={props.isMono}
        autoFocus={props.autoFocus}
        placeholder={placeholder}
        isLoading={!isCurrent && !error}
        nothing={error ?? props.nothing ?? `No ${noun} is called so`}
        width="100%"
        marksFirst={isTyped && isCurrent}
        error={hasLeft && isTyped && isCurrent && !exact ? "not one" : null}
        note={
          hasLeft &&
          isTyped &&
          isCurrent &&
          !exact &&
          (first ? (
            <>
              not a {noun}: Enter takes <b>{first.name}</b>
            </>
          ) : (
            (props.nothing ?? `not a ${noun}: none is called so`)
          ))
        }
        suggestions={choices.map(({ value, name, label: shown, meta }) => ({
          value,
          label: shown ?? name,
          meta,
        }))}
        onText={(next) => {
          setLeft(false);
          setAwaited(false);
          onType(next);
        }}
        onChoose={take}
        onEnter={() => setAwaited(isTyped && !isCurrent)}
        onGiveUp={() => {
          setLeft(false);
          setAwaited(false);
          onType(null);
        }}
        onLeave={() => {
          if (exact) take(exact.value);
          else if (isTyped) setLeft(true);
          else onType(null);
        }}
      />
    </span>
  );
}

/** Whether a text is what a choice is called, as shown or as the language of filters has it. */
function isCalled({ value, name }: Choice, text: string): boolean {
  const needle = text.toLowerCase();
  return value.toLowerCase() === needle || name.toLowerCase() === needle;
}
