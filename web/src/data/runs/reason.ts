/**
 * Whether a run's log tells more of its bad end than the reason itself: of an exception, not of a signal or a lost
 * machine.
 */
export function isReasonPrinted(state: string, reason: string): boolean {
  return state === "failed" || /^[\w.]+(Error|Exception)\b/.test(reason);
}
