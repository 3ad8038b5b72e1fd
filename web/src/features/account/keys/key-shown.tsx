/** A key that was just made, which is shown once, with the commands that use it. */

import { useQuery } from "@tanstack/react-query";
import type { NewKey } from "@/api/people/keys";
import { serverQuery } from "@/api/projects";
import { CopyButton } from "@/ui/controls/copy-button";
import { IconButton } from "@/ui/controls/icon-button";
import { Icon } from "@/ui/signs/icons";
import "../../people/people.css";

export function KeyShown({ newKey, onClose }: { newKey: NewKey; onClose(): void }) {
  return (
    <section className="card shown-key" aria-label="New key">
      <div className="row" role="status">
        <Icon name="check" isSmall />
        <b className="ell">The key {newKey.name} is made</b>
        <span className="grow t2">Copy it now: it is not shown again.</span>
        <IconButton icon="x" label="Close" isSmall onClick={onClose} />
      </div>
      <div className="key-line">
        <code className="mono grow">{newKey.api_key}</code>
        <CopyButton text={newKey.api_key} label="Copy key" />
      </div>
    </section>
  );
}

/** The commands that log a machine in with a key. */
export function LoginCard() {
  const { data: server } = useQuery(serverQuery);
  const url = server?.url || window.location.origin;
  return (
    <section className="card login-card" aria-label="Log in">
      <h2>Log in</h2>
      <p>On the machine of your scripts, once. The command asks for the key and saves it:</p>
      <Command text={`weft login --host ${url}`} />
      <p>For scripts that use W&amp;B's client:</p>
      <Command text={`wandb login --host ${url}`} />
      <p>Where no one can type, as in a job of a cluster, set two variables instead:</p>
      <Command text={`export WEFT_BASE_URL=${url}\nexport WEFT_API_KEY=your-key`} />
    </section>
  );
}

function Command({ text }: { text: string }) {
  return (
    <div className="key-line">
      <pre className="mono grow">{text}</pre>
      <CopyButton text={text} label="Copy command" isIcon />
    </div>
  );
}
