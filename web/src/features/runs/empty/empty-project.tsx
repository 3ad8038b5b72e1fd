/** A project without runs: the three lines that fill it, with this server's address. */

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { serverQuery } from "@/api/projects";
import type { ProjectRef } from "@/api/types";
import { CopyButton } from "@/ui/controls/copy-button";
import { Icon } from "@/ui/signs/icons";
import { Thread } from "./thread";
import "./empty-project.css";

/** The entity of scripts that name none. */
const DEFAULT_ENTITY = "local";

export default function EmptyProject({ entity, project, title }: ProjectRef & { title?: string }) {
  const server = useQuery(serverQuery);
  const url = server.data?.url ?? window.location.origin;
  const hasEntity = entity !== DEFAULT_ENTITY;
  const text = [
    "import weft",
    `run = weft.init(project="${project}"${hasEntity ? `, entity="${entity}"` : ""}, config={"lr": 3e-4})`,
    'run.log({"loss": loss})   # in your loop',
  ].join("\n");
  // Scripts of the server's own user need no key on its machine.
  const needsKey = server.data !== undefined && (server.data.account !== null || server.data.user === null);
  const setting = needsKey ? `weft login --host ${url}` : `WEFT_BASE_URL=${url}`;
  return (
    <main className="empty">
      <div className="empty-box">
        <Thread />
        <h1>{title ?? `No runs in ${project} yet`}</h1>
        <p>
          Put these three lines in a script and start it. The first chart appears here with the first step.
        </p>
        <section className="card snip" aria-label="Python">
          <div className="hd">
            <span className="meta">Python</span>
            <span className="grow" />
            <CopyButton text={text} />
          </div>
          <pre>
            <span className="ln">1</span>
            <span className="k">import</span> weft{"\n"}
            <span className="ln">2</span>run = weft.<span className="f">init</span>(project=
            <span className="s">"{project}"</span>
            {hasEntity && (
              <>
                , entity=<span className="s">"{entity}"</span>
              </>
            )}
            , config={"{"}
            <span className="s">"lr"</span>: <span className="nn">3e-4</span>
            {"})\n"}
            <span className="ln">3</span>run.<span className="f">log</span>({"{"}
            <span className="s">"loss"</span>: loss{"})   "}
            <span className="c"># in your loop</span>
          </pre>
        </section>
        <div className="opts">
          <div className="card opt">
            <b>
              <Icon name="link" isSmall />
              This server
            </b>
            <code className="mono">{setting}</code>
            {needsKey ? (
              <p>
                Once on the machine of your scripts. It asks for your key: see{" "}
                <Link to="/authorize">Key and login</Link>.
              </p>
            ) : (
              <p>Needed where the script runs on another machine, or next to another server.</p>
            )}
            <CopyButton text={setting} />
          </div>
          <div className="card opt">
            <b>
              <Icon name="swap" isSmall />
              No network there?
            </b>
            <code className="mono">WEFT_MODE=offline</code>
            <p>
              The run is kept in <span className="mono">./weft</span>. Bring it here later with{" "}
              <span className="mono">weft sync</span>.
            </p>
          </div>
        </div>
        <div className="waiting" role="status">
          <span className="live-dot quiet" />
          Waiting for the first run. You can leave this page open.
        </div>
      </div>
    </main>
  );
}
