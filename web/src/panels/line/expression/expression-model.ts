/**
 * The state of the field of an expression: the typed text, the marked offer, and when the text is handed on. No DOM.
 */

import { createStore } from "zustand";
import {
  type Completion,
  complete,
  EXPRESSION_FUNCTIONS,
  isWrittenOut,
  lastPart,
  operandOf,
  type TypedWord,
  wordAt,
} from "@/data/expression/completion";
import { exactText, readableText, tokensOf, typed } from "@/data/expression/expression-text";
import type { ExpressionFault } from "./expression-fault";
import type { ProjectNames } from "./use-project-names";

export interface ExpressionState {
  /** As it stands in the field. */
  readonly draft: string;
  readonly cursor: number;
  readonly isFocused: boolean;
  /** The offers may be shown. */
  readonly isOpen: boolean;
  /** All functions are offered. */
  readonly isHelp: boolean;
  /** The offer that arrows chose, by name: the list changes below it. */
  readonly marked: string | null;
  /** Tab came before the offers for its word. */
  readonly isAwaited: boolean;
}

export interface ExpressionSeen {
  /** As the server takes it: what the field was given. */
  readonly text: string;
  readonly projectNames: Pick<ProjectNames, "has" | "isLoaded">;
  /** For the word at the cursor. */
  readonly offered: readonly Completion[];
  /** They are all there are for the word, and not what is known of it so far. */
  readonly areCurrent: boolean;
  /** The server has read what is typed. */
  readonly isChecked: boolean;
  readonly fault: ExpressionFault | null;
  /** An invalid text is never handed on: all charts would fail by it. */
  readonly isStrict: boolean;
  /** Puts the cursor of the field to a place. */
  moveCursor(position: number): void;
  onText?(exact: string): void;
  onTyped?(draft: string): void;
}

const FUNCTIONS: readonly Completion[] = EXPRESSION_FUNCTIONS.map(({ name }) => ({
  kind: "function",
  name,
  nRuns: 0,
  isDrawable: true,
  insert: `${name}(`,
}));

/** Of all offers its own. */
export function offerName({ kind, name }: Completion): string {
  return `${kind}:${name}`;
}

/** The list below the field, of what is offered for the word at the cursor. */
export function offersIn(
  state: ExpressionState,
  offered: readonly Completion[],
  isMetric: (name: string) => boolean,
) {
  const { draft, cursor, isFocused, isOpen, isHelp, marked } = state;
  const typedWord = wordAt(draft, cursor);
  const { word } = typedWord;
  const shown = isHelp ? FUNCTIONS : offered;
  const markedIndex = shown.findIndex((choice) => offerName(choice) === marked);
  // what is written out needs no offer, which would cover the fields below
  const endings = [typedWord, { ...typedWord, word: operandOf(word, isMetric) }];
  const isOnly = shown.length === 1 && endings.some((ending) => isWrittenOut(ending, shown[0]!));
  const isWhole = isOnly || isWholePath(typedWord, shown);
  const isWanted = isHelp || word !== "" || draft === "";
  return {
    typedWord,
    shown,
    active: Math.max(0, markedIndex),
    isMarked: markedIndex >= 0,
    isListed: isFocused && isOpen && shown.length > 0 && !isWhole && isWanted,
  };
}

/** Whether a word with slashes is a metric, and no other one's beginning. */
function isWholePath(typedWord: TypedWord, shown: readonly Completion[]): boolean {
  const { word } = typedWord;
  const isMetric = shown.some((choice) => choice.kind === "metric" && isWrittenOut(typedWord, choice));
  return isMetric && word.includes("/") && shown.every(({ name }) => name === word || !name.startsWith(word));
}

/** False of a name that is only a name in quotes, and was typed without. */
function hasItsQuotes(name: string, isQuoted: boolean): boolean {
  return isQuoted || typed(name) === name;
}

export class ExpressionModel {
  readonly store;
  #seen: ExpressionSeen | null = null;
  /** The text that the field was given last. */
  #shownText: string;
  /** The text that was last handed on, or came from outside. */
  #sent: string;
  /** Text handed on before the metrics were known, and so the meaning of a slash. */
  #guessed: string | null = null;
  #wasDone = false;
  /** Entered before it was checked. */
  #isEntered = false;
  #wasLoaded = false;

  constructor(text: string, draft = readableText(text)) {
    this.#shownText = text;
    this.#sent = text;
    this.store = createStore<ExpressionState>(() => ({
      draft,
      cursor: 0,
      isFocused: false,
      isOpen: false,
      isHelp: false,
      marked: null,
      isAwaited: false,
    }));
  }

  /** Each render tells what it shows; what has waited for it is done. */
  see(seen: ExpressionSeen): void {
    this.#seen = seen;
    const { text, projectNames, areCurrent, isChecked, fault } = seen;
    // another panel's text, or an undone change; not what was typed here, of which there may be more by now
    const isNew = text !== this.#shownText;
    this.#shownText = text;
    if (isNew && text !== this.#sent) {
      this.#sent = text;
      this.#put({ draft: readableText(text) });
    }
    const { draft, isFocused, isAwaited } = this.store.getState();
    const exact = this.#exact();
    const isDone =
      isFocused && isChecked && projectNames.isLoaded && fault === null && exact !== "" && exact !== text;
    const isDueNow = isDone && !this.#wasDone;
    this.#wasDone = isDone;
    if (isDueNow) this.#send(exact);
    if (this.#isEntered && isChecked && projectNames.isLoaded) {
      this.#isEntered = false;
      if (exact !== text && !isDueNow && fault === null) this.#send(exact);
    }
    if (projectNames.isLoaded && !this.#wasLoaded) {
      if (this.#guessed === draft && exact !== text) this.#send(exact);
      this.#guessed = null;
    }
    this.#wasLoaded = projectNames.isLoaded;
    if (isAwaited && areCurrent) {
      this.#put({ isAwaited: false });
      this.#acceptActive();
    }
  }

  type(draft: string, cursor: number): void {
    this.#isEntered = false;
    this.#put({ draft, cursor, isOpen: true, isHelp: false, marked: null, isAwaited: false });
    this.#seen?.onTyped?.(draft);
  }

  moveCursor(cursor: number): void {
    this.#put({ cursor });
  }

  focus(): void {
    this.#put({ isFocused: true });
  }

  blur(): void {
    this.#put({ isFocused: false, isOpen: false, isHelp: false, isAwaited: false });
    this.#finish();
  }

  accept(choice: Completion): void {
    const { draft, cursor } = this.store.getState();
    const done = complete(draft, cursor, choice, this.#isMetric);
    this.#replace(done.text, done.cursor);
    this.#put({ isOpen: choice.kind === "function", isHelp: false, marked: null });
  }

  /** Puts right what is wrong, and hands it on. */
  fix({ from, to }: ExpressionFault, instead: string): void {
    const { draft } = this.store.getState();
    const next = draft.slice(0, from) + instead + draft.slice(to);
    this.#replace(next, next.length);
    this.#send(this.#exact());
  }

  /** Does what a key does; false: it is the field's own. */
  press({ key, shiftKey }: { readonly key: string; readonly shiftKey: boolean }): boolean {
    const state = this.store.getState();
    const { typedWord, shown, active, isMarked, isListed } = this.#offers(state);
    if (key === "F1") this.#put({ isHelp: !state.isHelp, isOpen: true });
    else if (isListed && (key === "ArrowDown" || key === "ArrowUp")) {
      const next = active + (key === "ArrowDown" ? 1 : -1);
      this.#put({ marked: offerName(shown[Math.max(0, Math.min(shown.length - 1, next))]!) });
    } else if (key === "Tab" && !shiftKey && !isMarked && this.#isHalfTyped(typedWord))
      this.#put({ isAwaited: true });
    // both accept only what is half typed or was chosen; else Tab leaves the field, and Enter is the end
    else if (isListed && key === "Tab" && !shiftKey && (typedWord.word !== "" || state.isHelp))
      this.accept(shown[active]!);
    else if (
      isListed &&
      key === "Enter" &&
      !shiftKey &&
      (isMarked || state.isHelp || this.#isBeginning(typedWord, shown))
    )
      this.accept(shown[active]!);
    else if (key === "Enter") {
      this.#put({ isOpen: false });
      const { isStrict, isChecked } = this.#seen ?? {};
      if (isStrict && !isChecked && this.#exact() !== "") this.#isEntered = true;
      else this.#finish();
    } else if (key === "Escape" && isListed) this.#put({ isOpen: false, isHelp: false });
    else {
      // Escape closes the menu around the field, which then learns of no check
      if (key === "Escape" && this.#isEntered) this.#finish();
      return false;
    }
    return true;
  }

  /** Whether a word may be the beginning of a name: the offers for it are on their way. */
  #isHalfTyped({ word, isQuoted }: TypedWord): boolean {
    const { isOpen, isHelp } = this.store.getState();
    return (
      isOpen &&
      !isHelp &&
      word !== "" &&
      this.#seen?.areCurrent === false &&
      !(this.#seen.projectNames.has(word) && hasItsQuotes(word, isQuoted))
    );
  }

  /** Whether a word is no name yet, nor ends with one after a slash, and the offers for it are all there. */
  #isBeginning({ word, isQuoted }: TypedWord, shown: readonly Completion[]): boolean {
    const { areCurrent = false, projectNames } = this.#seen ?? {};
    const ends = [word, lastPart(word)].filter((end) => hasItsQuotes(end, isQuoted));
    const isName = ends.some((end) => projectNames?.has(end) || shown.some(({ name }) => name === end));
    return word !== "" && areCurrent && projectNames?.isLoaded === true && !isName;
  }

  #put(part: Partial<ExpressionState>): void {
    this.store.setState(part);
  }

  #replace(draft: string, cursor: number): void {
    this.#put({ draft, cursor });
    this.#seen?.onTyped?.(draft);
    this.#seen?.moveCursor(cursor);
  }

  readonly #isMetric = (name: string) => this.#seen?.projectNames.has(name) ?? false;

  #offers(state: ExpressionState) {
    return offersIn(state, this.#seen?.offered ?? [], this.#isMetric);
  }

  #acceptActive(): void {
    const { shown, active, isListed } = this.#offers(this.store.getState());
    if (isListed) this.accept(shown[active]!);
  }

  /** The typed text, as the server takes it. */
  #exact(): string {
    const { draft } = this.store.getState();
    return exactText(tokensOf(draft, this.#isMetric)).trim();
  }

  #finish(): void {
    const exact = this.#exact();
    const isRefused = this.#seen?.isStrict === true && this.#seen.fault !== null && exact !== "";
    if (exact !== this.#seen?.text && !isRefused) this.#send(exact);
  }

  #send(exact: string): void {
    this.#sent = exact;
    this.#guessed = this.#seen?.projectNames.isLoaded ? null : this.store.getState().draft;
    this.#seen?.onText?.(exact);
  }
}
