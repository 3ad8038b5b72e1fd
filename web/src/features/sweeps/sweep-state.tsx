import { StateIcon } from "@/ui/signs/state-icon";
import "./sweep-state.css";

/** The state of a run that looks the same. */
const ICONS: Readonly<Record<string, string>> = {
  paused: "preempted",
  stopped: "killed",
  cancelled: "killed",
  idle: "pending",
  silent: "crashed",
  left: "finished",
};

export function SweepState({ state }: { state: string }) {
  return (
    <span className={`sweep-state ${state}`}>
      <span aria-hidden="true" className="row">
        <StateIcon state={ICONS[state] ?? state} />
      </span>
      {state.charAt(0).toUpperCase() + state.slice(1)}
    </span>
  );
}
