/** Code or another text to be read. Only the lines in view are drawn, so it may be long. */

import { Compartment, EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { languageOf } from "./languages";
import { named, READING } from "./reading";

interface CodeViewProps {
  readonly label: string;
  /** Its end tells the language. */
  readonly path: string;
  readonly text: string;
  /** Long lines go on in the next one. */
  readonly wraps?: boolean;
}

export default function CodeView({ label, path, text, wraps = false }: CodeViewProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!host.current) return;
    const language = new Compartment();
    const view = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: text,
        extensions: [READING, named(label), language.of([]), wraps ? EditorView.lineWrapping : []],
      }),
    });
    let isGone = false;
    void languageOf(path).then((support) => {
      if (support && !isGone) view.dispatch({ effects: language.reconfigure(support) });
    });
    return () => {
      isGone = true;
      view.destroy();
    };
  }, [label, path, text, wraps]);
  return <div className="code-view" ref={host} />;
}
