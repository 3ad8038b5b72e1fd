/**
 * A thing that is edited in place. Its end by a key or button gives the focus back to the button that begins it.
 */

import { useRef, useState } from "react";
import { flushSync } from "react-dom";

export function useEditing() {
  const [isEditing, setEditing] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const editor = useRef<HTMLDivElement>(null);
  const end = () => {
    // a person who went elsewhere stays there
    const isInside = editor.current?.contains(document.activeElement);
    flushSync(() => setEditing(false));
    if (isInside) button.current?.focus();
  };
  return { isEditing, begin: () => setEditing(true), end, button, editor };
}
