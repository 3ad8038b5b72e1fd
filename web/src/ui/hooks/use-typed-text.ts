/**
 * The text of a field whose page follows a moment later, so that a key costs the field alone before it is painted.
 */

import { useDeferredValue, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useStable } from "./use-stable";

interface TypedText {
  readonly text: string;
  /** A key was pressed: the page follows after the paint. Stable. */
  type(text: string): void;
  /** The text is set, and the page follows at once. Stable. */
  put(text: string): void;
  /** The page follows at once. Stable. */
  flush(): void;
}

/**
 * @param value the page's text: what `onChange` said last or a moment ago, or what something else set
 */
export function useTypedText(value: string, onChange: (text: string) => void): TypedText {
  const [text, setText] = useState(value);
  // the page's text, then what was reported to it since; no state: the page may follow in a render before this one renders
  const reported = useRef<readonly string[]>([value]);
  useLayoutEffect(() => {
    const index = reported.current.indexOf(value);
    reported.current = index < 0 ? [value] : reported.current.slice(index);
    // not by this field: the way back, a link, a button
    if (index < 0) setText(value);
  }, [value]);
  const tell = (next: string) => {
    if (next === reported.current.at(-1)) return;
    reported.current = [...reported.current, next];
    onChange(next);
  };
  const put = useStable((next: string) => {
    setText(next);
    tell(next);
  });
  // the text is not set: a key that comes with the effect below is later than the reported text
  const flush = useStable(() => tell(text));
  const painted = useDeferredValue(text);
  useEffect(() => {
    if (painted === text) flush();
  }, [painted, text, flush]);
  return { text, type: setText, put, flush };
}
