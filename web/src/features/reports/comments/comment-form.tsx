/** The field of a comment: Markdown, with a list of people after an `@`. Ctrl+Enter sends it. */

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { type UserMatch, userMatchesQuery } from "@/api/people/users";
import { Button } from "@/ui/controls/button";
import { isMod } from "@/ui/keys/key-hint";
import { attempt } from "@/ui/overlays/toasts";
import { useHasAccounts } from "../../person";

const MOST_CHARS = 10_000;
const MOST_PEOPLE = 6;

interface CommentFormProps {
  readonly label: string;
  /** On the button that sends it. */
  readonly verb: string;
  readonly text?: string;
  readonly note?: string;
  readonly isFocused?: boolean;
  onSend(body: string): Promise<void>;
  /** Absent: the form stays. */
  onCancel?(): void;
}

export function CommentForm(props: CommentFormProps) {
  const { label, verb, text: first = "", note, isFocused = false, onSend, onCancel } = props;
  const [text, setText] = useState(first);
  const [isSending, setSending] = useState(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const people = usePeople(text, area);
  useEffect(() => {
    if (isFocused) area.current?.focus({ preventScroll: true });
  }, [isFocused]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text decides the height
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = "0";
    element.style.height = `${element.scrollHeight + 2}px`;
  }, [text]);
  const isEmpty = text.trim() === "";
  const send = async () => {
    if (isEmpty || isSending) return;
    setSending(true);
    await attempt("The comment was not sent", async () => {
      await onSend(text.trim());
      setText("");
    });
    setSending(false);
  };
  const take = (match: UserMatch) => {
    const element = area.current;
    if (!element || people.start === null) return;
    const caret = element.selectionStart;
    const next = `${text.slice(0, people.start)}@${match.name} ${text.slice(caret)}`;
    setText(next);
    const end = people.start + match.name.length + 2;
    requestAnimationFrame(() => element.setSelectionRange(end, end));
    element.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && isMod(event)) {
      event.preventDefault();
      void send();
      return;
    }
    if (people.onKey(event, take)) return;
    if (event.key === "Escape" && onCancel && text === first) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
  const { matches, index } = people;
  const isListed = matches.length > 0;
  return (
    <div className="comment-form">
      <textarea
        ref={area}
        aria-label={label}
        placeholder={`${label}, @ for a person`}
        value={text}
        maxLength={MOST_CHARS}
        rows={2}
        dir="auto"
        aria-haspopup="listbox"
        aria-autocomplete="list"
        aria-controls={isListed ? id : undefined}
        aria-activedescendant={isListed ? `${id}-${index}` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          people.look(event.target);
        }}
        onSelect={(event) => people.look(event.currentTarget)}
        onBlur={people.close}
        onKeyDown={onKeyDown}
      />
      {isListed && (
        <div className="comment-people" id={id} role="listbox" aria-label="People">
          {matches.map((match, i) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are those of the text
            <div
              key={match.name}
              id={`${id}-${i}`}
              role="option"
              aria-selected={i === index}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(match)}
            >
              {match.display_name || match.name}
              {match.display_name && <span className="muted"> {match.name}</span>}
            </div>
          ))}
        </div>
      )}
      <div className="comment-acts">
        {note && <span className="muted note">{note}</span>}
        <span className="grow" />
        {onCancel && (
          <Button look="quiet" isSmall onClick={onCancel}>
            Cancel
          </Button>
        )}
        <Button isSmall disabled={isEmpty || isSending} title="Ctrl+Enter" onClick={() => void send()}>
          {verb}
        </Button>
      </div>
    </div>
  );
}

const NO_ONE: readonly UserMatch[] = [];

/** The people whose names begin as the word after an `@` at the caret. */
function usePeople(text: string, area: React.RefObject<HTMLTextAreaElement | null>) {
  const hasAccounts = useHasAccounts();
  const [trigger, setTrigger] = useState<{ start: number; word: string } | null>(null);
  const [index, setIndex] = useState(0);
  const { data = NO_ONE } = useQuery({
    ...userMatchesQuery(trigger?.word ?? "", MOST_PEOPLE),
    enabled: hasAccounts && trigger !== null,
    placeholderData: keepPreviousData,
  });
  const matches = trigger ? data : NO_ONE;
  const look = (element: HTMLTextAreaElement) => {
    const caret = element.selectionStart;
    const before = element.value.slice(0, caret);
    const typed = /(?:^|[\s(])@([\w.-]{0,64})$/.exec(before);
    const word = typed?.[1]?.toLowerCase();
    const next = word === undefined ? null : { start: caret - word.length - 1, word };
    if (next?.word !== trigger?.word) setIndex(0);
    setTrigger(next);
  };
  const onKey = (event: KeyboardEvent, take: (match: UserMatch) => void): boolean => {
    if (matches.length === 0 || area.current === null || text === "") return false;
    switch (event.key) {
      case "ArrowDown":
        setIndex((index + 1) % matches.length);
        break;
      case "ArrowUp":
        setIndex((index + matches.length - 1) % matches.length);
        break;
      case "Enter":
      case "Tab": {
        const match = matches[Math.min(index, matches.length - 1)];
        if (match) take(match);
        setTrigger(null);
        break;
      }
      case "Escape":
        setTrigger(null);
        break;
      default:
        return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  return {
    matches,
    index: Math.min(index, Math.max(0, matches.length - 1)),
    start: trigger?.start ?? null,
    look,
    onKey,
    close: () => setTrigger(null),
  };
}
