import { StateIcon } from "@/ui/signs/state-icon";
import "./sweep-state.css";

/** The state of a run that looks the same. */
const ICONS: Readonly<Record<string, string>> = {
  paused: "preempted",
  stopped: "killed",
  stopped_early: "killed",
  queued: "pending",
  waiting: "pending",
  cancelled: "killed",
  idle: "pending",
  silent: "crashed",
  left: "finished",
};

/** @param label in place of the state's own word */
export function SweepState({ state, label }: { state: string; label?: string | undefined }) {
  return (
    <span className={`sweep-state ${state}`}>
      <span aria-hidden="true" className="row">
        <StateIcon state={ICONS[state] ?? state} />
      </span>
      {label ?? state.charAt(0).toUpperCase() + state.slice(1).replace("_", " ")}
    </span>
  );
}
