/**
 * The text of a field whose page follows a moment later, so that a key costs the field alone before it is painted.
 */

import { useDeferredValue, useEffect, useState } from "react";
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
 * @param value the page's text: what `onChange` said last, or what something else set
 */
export function useTypedText(value: string, onChange: (text: string) => void): TypedText {
  const [text, setText] = useState(value);
  const [told, setTold] = useState(value);
  const [earlier, setEarlier] = useState(value);
  if (value !== earlier) {
    setEarlier(value);
    // not by this field: the way back, a link, a button
    if (value !== told) {
      setTold(value);
      setText(value);
    }
  }
  const put = useStable((next: string) => {
    setText(next);
    if (next === told) return;
    setTold(next);
    onChange(next);
  });
  const flush = useStable(() => put(text));
  const painted = useDeferredValue(text);
  useEffect(() => {
    if (painted === text) flush();
  }, [painted, text, flush]);
  return { text, type: setText, put, flush };
}
