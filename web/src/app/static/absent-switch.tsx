/** In place of the switch of a run comparer: the file has the runs of the choice that it was made with alone. */

export function AgainstSwitch(): null {
  return null;
}
