import { useState } from "react";

/** Whether something was on at least once, as a menu was open: its code is loaded then, and it stays on the page. */
export function useFirstUse(isOn: boolean): boolean {
  const [wasOn, setWasOn] = useState(isOn);
  if (isOn && !wasOn) setWasOn(true);
  return wasOn || isOn;
}
