/** Changes made by keyboard, said to screen readers. */

import { create } from "zustand";

const useLiveText = create<{ text: string }>(() => ({ text: "" }));

export function announce(text: string): void {
  useLiveText.setState({ text });
}

export function LiveText() {
  const text = useLiveText((state) => state.text);
  return (
    <div className="sr" role="status">
      {text}
    </div>
  );
}
