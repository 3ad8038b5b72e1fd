/**
 * A name that loses a part of its middle when it does not fit: what it shares with its neighbours.
 *
 * The name itself is one text, so that the browser finds and copies all of it. Where it is cut, it is not painted:
 * what is seen is its parts, which are no text of the page. `HoverTips` shows a name that is cut.
 */

import {
  type CSSProperties,
  createContext,
  type ReactNode,
  useContext,
  useLayoutEffect,
  useMemo,
  useRef,
} from "react";
import { fittingName } from "@/data/text/name-cut";
import { type PartsOfNames, partsOfNames } from "@/data/text/name-parts";

/** Null: each name is cut by itself. */
const NamesContext = createContext<PartsOfNames | null>(null);

/**
 * The parts of names that stand together: if they are among those of a larger list around them, the list's.
 *
 * @param isAlone these names are only told from each other, whatever list is around them
 */
export function usePartsOfNames(names: readonly string[], isAlone = false): PartsOfNames {
  const around = useContext(NamesContext);
  const text = names.join("\n");
  return useMemo(() => {
    const own = text === "" ? [] : text.split("\n");
    const isOfList = !isAlone && around && own.every((name) => around.texts.has(name));
    return isOfList ? around : partsOfNames(own);
  }, [around, text, isAlone]);
}

interface NamesBesideProps {
  readonly names: readonly string[];
  /** As of `usePartsOfNames`. */
  readonly isAlone?: boolean;
  readonly children: ReactNode;
}

/** Names below it are cut where these differ, and alike in all lists of them. */
export function NamesBeside({ names, isAlone = false, children }: NamesBesideProps) {
  return <NamesContext value={usePartsOfNames(names, isAlone)}>{children}</NamesContext>;
}

interface MidNameProps {
  readonly name: string;
  /** Text shown on hover, where that is more than the name. */
  readonly title?: string;
  readonly className?: string;
  /** It may take as many lines, and is cut where that is not enough. */
  readonly nLines?: number;
}

export function MidName({ name, title = name, className = "", nLines = 1 }: MidNameProps) {
  const names = useContext(NamesContext);
  const root = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    if (root.current) return keepFitted(root.current, { names: names ?? partsOfNames([name]), nLines });
  }, [name, names, nLines]);
  const isWrapped = nLines > 1;
  return (
    <span
      className={`mid ${isWrapped ? "lines" : ""} ${className}`}
      style={isWrapped ? ({ "--lines": nLines } as CSSProperties) : undefined}
      title={title}
      ref={root}
    >
      <span className="mid-text">{name}</span>
      <span className="mid-seen" aria-hidden="true" />
    </span>
  );
}

interface Fitting {
  /** Those that the name is told from. */
  readonly names: PartsOfNames;
  readonly nLines: number;
}

/** By the element of a name. */
const fittings = new WeakMap<Element, Fitting>();
/** Tells of a new name, too, and only before a frame: to measure earlier makes the page lay itself out once more. */
const sizes = new ResizeObserver((entries) => fitNames(entries.map(({ target }) => target)));
const shown = new Set<Element>();

// a font that comes later has other widths
document.fonts.addEventListener("loadingdone", () => fitNames([...shown]));

/** Keeps a name fitted to its room; returns what ends that. */
function keepFitted(element: Element, fitting: Fitting): () => void {
  fittings.set(element, fitting);
  shown.add(element);
  sizes.observe(element);
  return () => {
    shown.delete(element);
    sizes.unobserve(element);
  };
}

/** All of them are measured before one is changed, as each change makes the next measure lay out the page. */
function fitNames(elements: readonly Element[]): void {
  const texts = elements.map(fittingText);
  elements.forEach((element, i) => {
    const text = texts[i]!;
    const seen = element.lastElementChild;
    if (seen?.getAttribute("data-text") === (text ?? "")) return;
    element.toggleAttribute("data-cut", text !== null);
    seen?.setAttribute("data-text", text ?? "");
  });
}

const ruler = document.createElement("canvas").getContext("2d");

/** The part of a name that fits; null: all of it. */
function fittingText(element: Element): string | null {
  const text = element.firstElementChild?.firstChild;
  if (!(text instanceof Text) || !ruler) return null;
  const name = text.data;
  const { names, nLines } = fittings.get(element) ?? { names: partsOfNames([name]), nLines: 1 };
  const { width } = element.getBoundingClientRect();
  if (width === 0) return null;
  // in a window that is about to open, all is smaller; else only rounding differs
  const ratio = width / (element as HTMLElement).offsetWidth;
  const scale = Math.abs(ratio - 1) < 0.02 ? 1 : ratio;
  const range = document.createRange();
  const widthOf = (part: string) => {
    const from = name.indexOf(part);
    if (part === "") return 0;
    if (from < 0) return ruler.measureText(part).width;
    range.setStart(text, from);
    range.setEnd(text, from + part.length);
    // one for each line that it is in
    return [...range.getClientRects()].reduce((sum, line) => sum + line.width, 0) / scale;
  };
  range.selectNodeContents(text);
  const isWhole =
    nLines > 1
      ? range.getClientRects().length <= nLines
      : // its box is as wide as the name, or rounded to the next smaller px
        widthOf(name) < width / scale + 1;
  if (isWhole) return null;
  // not `font`, which is empty where a font feature is set
  const { fontWeight, fontSize, fontFamily } = getComputedStyle(element);
  ruler.font = `${fontWeight} ${fontSize} ${fontFamily}`;
  // a line may lack the letter that begins the next
  const room = (nLines * width) / scale - (nLines - 1) * Number.parseFloat(fontSize);
  return fittingName(name, names, room, widthOf);
}
