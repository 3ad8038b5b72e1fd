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
  /** Cannot be chosen a second time: listed last, and named so. */
  readonly isUsed?: boolean;
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
  readonly placeholder?: string;
  readonly autoFocus?: boolean;
  readonly isClosedFirst?: boolean;
  readonly isMono?: boolean;
  onType(text: string | null): void;
  onChoose(value: string): void;
}

export function ChoiceField(props: ChoiceFieldProps) {
  const { label, chosen, noun, typed, isCurrent, error, placeholder, onType, onChoose } = props;
  const choices = props.choices.filter(({ isUsed }) => !isUsed);
  const used = props.choices.filter(({ isUsed }) => isUsed);
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
        isClosedFirst={props.isClosedFirst}
        placeholder={placeholder}
        isLoading={!isCurrent && !error}
        nothing={error ?? `No ${noun} is called so`}
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
          ) : used[0] ? (
            `${used[0].name} is used already`
          ) : (
            `not a ${noun}: none is called so`
          ))
        }
        suggestions={[...choices, ...used].map(({ value, name, label: shown, meta, isUsed }) => ({
          value,
          label: shown ?? name,
          meta: isUsed ? "used already" : meta,
          isDisabled: isUsed,
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
