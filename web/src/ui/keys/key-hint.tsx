/** The keys of a shortcut: `mod+k` is Ctrl K here and ⌘ K on a Mac. */

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** Name of the key that `isMod` asks for. */
export const MOD_NAME = IS_MAC ? "⌘" : "Ctrl";

const NAMES: Readonly<Record<string, string>> = {
  mod: MOD_NAME,
  alt: IS_MAC ? "⌥" : "Alt",
  shift: "⇧",
  enter: "Enter",
  esc: "Esc",
  space: "Space",
  up: "↑",
  down: "↓",
  left: "←",
  right: "→",
  plus: "+",
};

/** Keys that are pressed together, joined by `+`, as text: `⇧ →`. */
export function keysText(keys: string): string {
  const names = keys.split("+").map((key) => NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key));
  return names.join(" ");
}

/** @param props.keys as of `keysText` */
export function KeyHint({ keys }: { keys: string }) {
  return <kbd>{keysText(keys)}</kbd>;
}

/** Whether the key that stands for `mod` is held. */
export function isMod(event: { ctrlKey: boolean; metaKey: boolean }): boolean {
  return IS_MAC ? event.metaKey : event.ctrlKey;
}
