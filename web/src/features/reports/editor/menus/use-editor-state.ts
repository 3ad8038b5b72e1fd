import type { Editor } from "@tiptap/react";
import { useCallback, useRef, useSyncExternalStore } from "react";

/** A value of the editor as it is now; the component renders when its JSON changes. */
export function useEditorState<T>(editor: Editor, select: (editor: Editor) => T): T {
  const cache = useRef<{ json: string; value: T } | null>(null);
  const subscribe = useCallback(
    (listener: () => void) => {
      const names = ["transaction", "focus", "blur"] as const;
      for (const name of names) editor.on(name, listener);
      return () => {
        for (const name of names) editor.off(name, listener);
      };
    },
    [editor],
  );
  return useSyncExternalStore(subscribe, () => {
    const value = select(editor);
    const json = JSON.stringify(value);
    if (cache.current?.json !== json) cache.current = { json, value };
    return cache.current.value;
  });
}
