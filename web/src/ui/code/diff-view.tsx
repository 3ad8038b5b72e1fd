/** Two texts as their difference, side by side or in one column; what is equal is folded. */

import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { languageOf } from "./languages";
import { named, READING } from "./reading";

interface DiffViewProps {
  /** Of the text before, and of the text after. */
  readonly labels: readonly [string, string];
  /** Its end tells the language. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
  readonly isSplit: boolean;
}

const FOLD = { margin: 3, minSize: 6 };
/** Beyond it differences within long lines are found less exactly, and fast. */
const DIFF = { scanLimit: 2000 };

export default function DiffView({ labels, path, before, after, isSplit }: DiffViewProps) {
  const host = useRef<HTMLDivElement>(null);
  const [beforeLabel, afterLabel] = labels;
  useEffect(() => {
    let isGone = false;
    let end = () => {};
    const show = async () => {
      const language = (await languageOf(path)) ?? [];
      const parent = host.current;
      if (isGone || !parent) return;
      const state = (doc: string, label: string) => ({ doc, extensions: [READING, named(label), language] });
      if (isSplit) {
        const view = new MergeView({
          a: state(before, beforeLabel),
          b: state(after, afterLabel),
          parent,
          collapseUnchanged: FOLD,
          diffConfig: DIFF,
        });
        end = () => view.destroy();
        return;
      }
      const own = state(after, afterLabel);
      const merged = unifiedMergeView({
        original: before,
        mergeControls: false,
        collapseUnchanged: FOLD,
        diffConfig: DIFF,
      });
      const view = new EditorView({
        parent,
        state: EditorState.create({ doc: own.doc, extensions: [own.extensions, merged] }),
      });
      end = () => view.destroy();
    };
    void show();
    return () => {
      isGone = true;
      end();
    };
  }, [beforeLabel, afterLabel, path, before, after, isSplit]);
  return <div className="code-view diff-view" data-split={isSplit || undefined} ref={host} />;
}
