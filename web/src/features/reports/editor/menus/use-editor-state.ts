import type { Editor } from "@tiptap/react";
import { useCallback, useRef, useSyncExternalStore } from "react";

/** A value of the editor as it is now; the component renders when its JSON changes. */
export function useEditorState<T>(editor: Editor, select: (editor: Editor) => T): T {
  const cache = useRef<{ json: string; value: T } | null>(null);
  const subscribe = useCallback(
    (listener: () => void) => {
      // where the focus goes is known only then
      const later = () => void setTimeout(listener, 0);
      editor.on("transaction", listener);
      editor.on("focus", listener);
      editor.on("blur", later);
      return () => {
        editor.off("transaction", listener);
        editor.off("focus", listener);
        editor.off("blur", later);
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
